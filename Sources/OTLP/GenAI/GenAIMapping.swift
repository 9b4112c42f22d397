/// Which attributes of which dialect say what of a call to a model: the one place that knows their names.
///
/// Of attributes with the same meaning the first counts whose value can be read.
enum GenAIMapping {
    /// When the table was last held against the conventions below.
    static let version = "2026-09"

    /// - Current and deprecated names of OpenTelemetry:
    ///   https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/registry/attributes/gen-ai.md and
    ///   https://github.com/open-telemetry/semantic-conventions/blob/v1.36.0/docs/registry/attributes/gen-ai.md
    /// - OpenInference: https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md
    /// - Traceloop, as its instrumentations up to 0.4 of `opentelemetry-semantic-conventions-ai` have them; later ones
    ///   speak OpenTelemetry's current dialect.
    ///   https://github.com/traceloop/openllmetry/blob/main/packages/opentelemetry-semantic-conventions-ai/MIGRATION.md
    static let attributes: [GenAIAttribute] = [
        GenAIAttribute("gen_ai.operation.name", .operation, .anyOpenTelemetry),
        GenAIAttribute("llm.request.type", .operation, .traceloop, requestTypes),
        GenAIAttribute("openinference.span.kind", .operation, .openInference, openInferenceKinds),
        GenAIAttribute("traceloop.span.kind", .operation, .traceloop, traceloopKinds),

        GenAIAttribute("gen_ai.provider.name", .provider, .current),
        GenAIAttribute("gen_ai.system", .provider, .deprecated, providers),
        GenAIAttribute("llm.provider", .provider, .openInference, providers),
        GenAIAttribute("llm.system", .provider, .openInference, providers),

        GenAIAttribute("gen_ai.request.model", .requestModel, .anyOpenTelemetry),
        GenAIAttribute("llm.request.model_name", .requestModel, .openInference),
        GenAIAttribute("llm.model_name", .requestModel, .openInference),
        GenAIAttribute("embedding.model_name", .requestModel, .openInference),
        GenAIAttribute("reranker.model_name", .requestModel, .openInference),

        GenAIAttribute("gen_ai.response.model", .responseModel, .anyOpenTelemetry),
        GenAIAttribute("llm.response.model_name", .responseModel, .openInference),
        GenAIAttribute("llm.model_name", .responseModel, .openInference),

        GenAIAttribute("gen_ai.usage.input_tokens", .inputTokens, .anyOpenTelemetry),
        GenAIAttribute("gen_ai.usage.prompt_tokens", .inputTokens, .deprecated),
        GenAIAttribute("llm.token_count.prompt", .inputTokens, .openInference),

        GenAIAttribute("gen_ai.usage.output_tokens", .outputTokens, .anyOpenTelemetry),
        GenAIAttribute("gen_ai.usage.completion_tokens", .outputTokens, .deprecated),
        GenAIAttribute("llm.token_count.completion", .outputTokens, .openInference),

        GenAIAttribute("gen_ai.usage.cache_read.input_tokens", .cachedInputTokens, .current),
        GenAIAttribute("gen_ai.usage.cache_read_input_tokens", .cachedInputTokens, .deprecated),
        GenAIAttribute("llm.token_count.prompt_details.cache_read", .cachedInputTokens, .openInference),
        GenAIAttribute("llm.token_count.prompt_details.cache_input", .cachedInputTokens, .openInference),

        GenAIAttribute("gen_ai.usage.cache_write.input_tokens", .cacheWriteTokens, .current),
        GenAIAttribute("gen_ai.usage.cache_creation.input_tokens", .cacheWriteTokens, .current),
        GenAIAttribute("gen_ai.usage.cache_creation_input_tokens", .cacheWriteTokens, .deprecated),
        GenAIAttribute("llm.token_count.prompt_details.cache_write", .cacheWriteTokens, .openInference),

        GenAIAttribute("gen_ai.usage.reasoning.output_tokens", .reasoningTokens, .current),
        GenAIAttribute("gen_ai.usage.reasoning_tokens", .reasoningTokens, .traceloop),
        GenAIAttribute("llm.usage.reasoning_tokens", .reasoningTokens, .traceloop),
        GenAIAttribute("llm.token_count.completion_details.reasoning", .reasoningTokens, .openInference),

        GenAIAttribute("gen_ai.usage.total_tokens", .totalTokens, .anyOpenTelemetry),
        GenAIAttribute("llm.usage.total_tokens", .totalTokens, .traceloop),
        GenAIAttribute("llm.token_count.total", .totalTokens, .openInference),

        GenAIAttribute("gen_ai.response.finish_reasons", .finishReasons, .anyOpenTelemetry),
        GenAIAttribute("gen_ai.response.finish_reason", .finishReasons, .traceloop),
        GenAIAttribute("llm.response.finish_reason", .finishReasons, .traceloop),
        GenAIAttribute("llm.response.stop_reason", .finishReasons, .traceloop),
        GenAIAttribute("llm.finish_reason", .finishReasons, .openInference),
    ]

    /// `gen_ai.completion.0.finish_reason` and so on, an attribute for each choice, in Traceloop's dialect.
    static let choicePrefix: StaticString = "gen_ai.completion."
    static let choiceSuffix: StaticString = ".finish_reason"

    /// All of Traceloop's own attributes begin with it. They stand on spans of every kind.
    static let traceloopPrefix: StaticString = "traceloop."

    /// OpenInference calls chats and text completions alike `LLM`; only the latter have these.
    static let textCompletionPrefixes: [StaticString] = ["llm.prompts.", "llm.choices."]
    static let textCompletion = "text_completion"

    private static let requestTypes = GenAIWords(
        ["chat": "chat", "completion": textCompletion, "embedding": "embeddings", "rerank": "rerank"])

    private static let openInferenceKinds = GenAIWords(
        [
            "llm": "chat", "embedding": "embeddings", "reranker": "rerank", "retriever": "retrieval",
            "tool": "execute_tool", "agent": "invoke_agent",
        ])

    private static let traceloopKinds = GenAIWords(
        ["workflow": "invoke_workflow", "agent": "invoke_agent", "tool": "execute_tool"])

    /// What is not listed here differs from today's names by its capital letters at most.
    private static let providers = GenAIWords(
        [
            "alephalpha": "aleph_alpha", "aws": "aws.bedrock", "az.ai.inference": "azure.ai.inference",
            "az.ai.openai": "azure.ai.openai", "azure": "azure.ai.openai", "gemini": "gcp.gemini",
            "google": "gcp.gen_ai", "huggingface": "hugging_face", "mistralai": "mistral_ai",
            "togetherai": "together_ai", "vertex_ai": "gcp.vertex_ai", "vertexai": "gcp.vertex_ai",
            "watsonx": "ibm.watsonx.ai", "xai": "x_ai",
        ], keepsOthers: true)
}

/// One line of the mapping.
struct GenAIAttribute: Sendable {
    let name: StaticString
    let field: GenAIField
    let origin: Origin
    /// The words that its values are turned into; nil where they are taken as they are.
    let words: GenAIWords?

    init(_ name: StaticString, _ field: GenAIField, _ origin: Origin, _ words: GenAIWords? = nil) {
        self.name = name
        self.field = field
        self.origin = origin
        self.words = words
    }

    /// Who uses the name.
    enum Origin: Int, Sendable {
        /// OpenTelemetry, before and after 1.37, and those who follow it.
        case anyOpenTelemetry
        case current
        case deprecated
        case openInference
        case traceloop
    }
}

/// What an attribute tells.
enum GenAIField: Int, CaseIterable, Sendable {
    case operation, provider, requestModel, responseModel
    case inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens, reasoningTokens, totalTokens
    case finishReasons
}

/// Today's words for the words of a dialect, in which capital letters make no difference.
struct GenAIWords: Sendable {
    private let words: [String: String]
    private let keepsOthers: Bool

    init(_ words: [String: String], keepsOthers: Bool = false) {
        self.words = words
        self.keepsOthers = keepsOthers
    }

    /// Nil if the word has no meaning.
    func translation(of word: String) -> String? {
        let word = word.lowercased()
        return words[word] ?? (keepsOthers ? word : nil)
    }
}
