/// A call as it came in, read and found sound.
package enum InferenceCall: Sendable {
    case chat(ChatRequest)
    case completion(CompletionRequest)
    case embedding(EmbeddingRequest)

    package init(_ operation: InferenceRun.Operation, body: [UInt8]) throws(InferenceError) {
        switch operation {
        case .chat: self = .chat(try ChatRequest(body: body))
        case .textCompletion: self = .completion(try CompletionRequest(body: body))
        case .embeddings: self = .embedding(try EmbeddingRequest(body: body))
        }
    }

    package var operation: InferenceRun.Operation {
        switch self {
        case .chat: .chat
        case .completion: .textCompletion
        case .embedding: .embeddings
        }
    }

    /// As the client sent it.
    package var body: [UInt8] {
        switch self {
        case .chat(let request): request.body
        case .completion(let request): request.body
        case .embedding(let request): request.body
        }
    }

    /// SHA-256 of the body.
    package var bodyHash: [UInt8] { ContentHash.of(body) }

    /// SHA-256 of what the model is asked: the value of `messages`, `prompt` or `input`, of the last one if it is repeated.
    /// That is the text of a string, in UTF-8, and of all else the bytes as they stand in the body.
    package var inputHash: [UInt8] {
        switch self {
        case .chat(let request): request.inputHash
        case .completion(let request): request.inputHash
        case .embedding(let request): request.inputHash
        }
    }

    /// The model as the client named it.
    package var model: String {
        switch self {
        case .chat(let request): request.model
        case .completion(let request): request.model
        case .embedding(let request): request.model
        }
    }

    /// `metadata.prompt_version`
    package var promptVersion: PromptVersion? {
        switch self {
        case .chat(let request): request.promptVersion
        case .completion(let request): request.promptVersion
        case .embedding(let request): request.promptVersion
        }
    }

    package var isStream: Bool { generation?.isStream ?? false }

    /// Whether the client wants to see usage on its stream.
    var includesUsage: Bool { generation?.includesUsage ?? false }

    /// The stored prompt that the call asks for.
    var template: PromptTemplateCall? {
        if case .chat(let request) = self { request.template } else { nil }
    }

    var endpoint: UpstreamRequest.Endpoint {
        switch self {
        case .chat: .chatCompletions
        case .completion: .completions
        case .embedding: .embeddings
        }
    }

    /// What the provider gets.
    func upstreamBody(model: String) -> [UInt8] {
        switch self {
        case .chat(let request): request.upstreamBody(model: model)
        case .completion(let request): request.upstreamBody(model: model)
        case .embedding(let request): request.upstreamBody(model: model)
        }
    }

    func tokenEstimate() throws(InferenceError) -> TokenEstimate {
        switch self {
        case .chat(let request): try request.tokenEstimate()
        case .completion(let request): try request.tokenEstimate()
        case .embedding(let request): try request.tokenEstimate()
        }
    }

    /// The most tokens that all choices may have together, if one may have so many where the call does not say.
    func outputTokensMax(perChoice: Int64) throws(InferenceError) -> Int64 {
        let perChoice = min(generation?.tokensPerChoiceMax ?? perChoice, perChoice)
        switch self {
        case .chat(let request): return try request.outputTokensMax(tokensPerChoice: perChoice)
        case .completion(let request): return try request.outputTokensMax(tokensPerChoice: perChoice)
        case .embedding: return 0
        }
    }

    private var generation: GenerationOptions? {
        switch self {
        case .chat(let request): request.generation
        case .completion(let request): request.generation
        case .embedding: nil
        }
    }
}

extension Model {
    /// Whether the model is for this kind of call.
    func serves(_ operation: InferenceRun.Operation) -> Bool {
        switch operation {
        case .chat, .textCompletion: kind == .chat
        case .embeddings: kind == .embedding
        }
    }
}
