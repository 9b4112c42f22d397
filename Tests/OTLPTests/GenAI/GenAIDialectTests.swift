import OTLP
import Testing

/// One call, told in every dialect.
struct GenAIDialectTests {
    static let current = GenAISpan([
        "gen_ai.operation.name": "chat", "gen_ai.provider.name": "azure.ai.openai", "gen_ai.request.model": "gpt-5",
        "gen_ai.response.model": "gpt-5-2025-08-07", "gen_ai.usage.input_tokens": 1200,
        "gen_ai.usage.output_tokens": 400, "gen_ai.usage.cache_read.input_tokens": 1024,
        "gen_ai.usage.reasoning.output_tokens": 100, "gen_ai.response.finish_reasons": ["stop", "length"],
    ])

    /// The names up to 1.36 have none for reasoning.
    static let deprecated = GenAISpan([
        "gen_ai.operation.name": "chat", "gen_ai.system": "az.ai.openai", "gen_ai.request.model": "gpt-5",
        "gen_ai.response.model": "gpt-5-2025-08-07", "gen_ai.usage.prompt_tokens": 1200,
        "gen_ai.usage.completion_tokens": 400, "gen_ai.usage.cache_read_input_tokens": 1024,
        "gen_ai.response.finish_reasons": ["stop", "length"],
    ])

    static let openInference = GenAISpan([
        "openinference.span.kind": "LLM", "llm.provider": "azure", "llm.system": "openai",
        "llm.request.model_name": "gpt-5", "llm.response.model_name": "gpt-5-2025-08-07",
        "llm.model_name": "gpt-5-2025-08-07", "llm.token_count.prompt": 1200, "llm.token_count.completion": 400,
        "llm.token_count.total": 1600, "llm.token_count.prompt_details.cache_read": 1024,
        "llm.token_count.completion_details.reasoning": 100, "llm.finish_reason": "stop",
        "llm.input_messages.0.message.role": "user",
    ])

    static let traceloop = GenAISpan([
        "llm.request.type": "chat", "traceloop.workflow.name": "support", "gen_ai.system": "Azure",
        "gen_ai.request.model": "gpt-5", "gen_ai.response.model": "gpt-5-2025-08-07",
        "gen_ai.usage.prompt_tokens": 1200, "gen_ai.usage.completion_tokens": 400, "llm.usage.total_tokens": 1600,
        "gen_ai.usage.cache_read_input_tokens": 1024, "gen_ai.usage.reasoning_tokens": 100,
        "gen_ai.completion.1.finish_reason": "length", "gen_ai.completion.0.finish_reason": "stop",
        "gen_ai.completion.0.content": "hello",
    ])

    @Test(arguments: [
        (current, GenAIDialect.current), (deprecated, .deprecated), (openInference, .openInference),
        (traceloop, .traceloop),
    ])
    func `one call reads the same in every dialect`(span: GenAISpan, dialect: GenAIDialect) throws {
        let view = try #require(span.view)
        #expect(view.dialect == dialect)
        #expect(view.operation == "chat")
        #expect(view.provider == "azure.ai.openai")
        #expect(view.requestModel == "gpt-5")
        #expect(view.responseModel == "gpt-5-2025-08-07")
        #expect(view.inputTokens == 1200)
        #expect(view.outputTokens == 400)
        #expect(view.cachedInputTokens == 1024)
        #expect(view.reasoningTokens == (dialect == .deprecated ? nil : 100))
        // OpenInference has a name for the reason of one choice only.
        #expect(view.finishReasons == (dialect == .openInference ? ["stop"] : ["stop", "length"]))
    }

    @Test func `a view is written as an object`() throws {
        var writer = JSONWriter()
        writer.genAISpan(try #require(Self.traceloop.view))
        #expect(
            String(decoding: writer.bytes, as: UTF8.self) == """
                {"operation":"chat","provider":"azure.ai.openai","request_model":"gpt-5",\
                "response_model":"gpt-5-2025-08-07","input_tokens":1200,"output_tokens":400,\
                "cached_input_tokens":1024,"reasoning_tokens":100,"finish_reasons":["stop","length"],\
                "dialect":"traceloop"}
                """)
    }

    @Test func `what is not told is null`() throws {
        var writer = JSONWriter()
        writer.genAISpan(try #require(GenAISpan(["llm.model_name": "m"]).view))
        #expect(
            String(decoding: writer.bytes, as: UTF8.self) == """
                {"operation":null,"provider":null,"request_model":"m","response_model":"m","input_tokens":null,\
                "output_tokens":null,"cached_input_tokens":null,"reasoning_tokens":null,"finish_reasons":[],\
                "dialect":"openinference"}
                """)
    }

    @Test(arguments: [
        ("gen_ai.operation.name", "generate_content", "generate_content"), ("llm.request.type", "chat", "chat"),
        ("llm.request.type", "completion", "text_completion"), ("llm.request.type", "embedding", "embeddings"),
        ("llm.request.type", "rerank", "rerank"), ("openinference.span.kind", "LLM", "chat"),
        ("openinference.span.kind", "EMBEDDING", "embeddings"), ("openinference.span.kind", "RERANKER", "rerank"),
        ("openinference.span.kind", "RETRIEVER", "retrieval"), ("openinference.span.kind", "TOOL", "execute_tool"),
        ("openinference.span.kind", "AGENT", "invoke_agent"), ("traceloop.span.kind", "agent", "invoke_agent"),
        ("traceloop.span.kind", "tool", "execute_tool"), ("traceloop.span.kind", "workflow", "invoke_workflow"),
    ])
    func `operations have one name`(attribute: String, value: String, operation: String) {
        #expect(GenAISpan([(attribute, .string(value))]).view?.operation == operation)
    }

    @Test(arguments: ["llm.prompts.0.prompt.text", "llm.choices.0.completion.text"])
    func `prompts and choices tell a text completion from a chat`(attribute: String) {
        #expect(
            GenAISpan([("openinference.span.kind", "LLM"), (attribute, "text")]).view?.operation == "text_completion")
        #expect(GenAISpan([("gen_ai.operation.name", "chat"), (attribute, "text")]).view?.operation == "chat")
    }

    @Test(arguments: [
        ("gen_ai.provider.name", "MyOwn", "MyOwn"), ("gen_ai.system", "OpenAI", "openai"),
        ("gen_ai.system", "vertex_ai", "gcp.vertex_ai"), ("gen_ai.system", "AWS", "aws.bedrock"),
        ("llm.provider", "google", "gcp.gen_ai"), ("llm.system", "mistralai", "mistral_ai"),
        ("llm.system", "xai", "x_ai"), ("gen_ai.system", "Anthropic", "anthropic"),
    ])
    func `providers have one name`(attribute: String, value: String, provider: String) {
        let span = GenAISpan([(attribute, .string(value)), ("gen_ai.request.model", "m")])
        #expect(span.view?.provider == provider)
    }

    @Test func `where a span speaks two dialects today's names count`() throws {
        let view = try #require(
            GenAISpan([
                "llm.model_name": "new", "gen_ai.request.model": "old", "gen_ai.usage.prompt_tokens": 1,
                "gen_ai.usage.input_tokens": 2, "llm.token_count.prompt": 3, "gen_ai.system": "a",
                "gen_ai.provider.name": "b",
            ]).view)
        #expect(view.dialect == .current)
        #expect(view.requestModel == "old")
        #expect(view.responseModel == "new")
        #expect(view.inputTokens == 2)
        #expect(view.provider == "b")
    }

    @Test func `Traceloop's mark alone makes no dialect of other names`() {
        #expect(
            GenAISpan(["traceloop.association.properties.user": "7", "llm.model_name": "m"]).view?.dialect
                == .openInference)
        #expect(
            GenAISpan(["gen_ai.request.model": "m", "traceloop.workflow.name": "w"]).view?.dialect == .traceloop)
        #expect(
            GenAISpan(["gen_ai.provider.name": "p", "gen_ai.request.model": "m", "traceloop.workflow.name": "w"]).view?
                .dialect == .current)
        #expect(GenAISpan(["gen_ai.request.model": "m"]).view?.dialect == .current)
    }
}
