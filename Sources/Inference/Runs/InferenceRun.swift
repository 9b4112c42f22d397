package import OTLP

/// One inference call from its beginning to its end: what is recorded, billed and traced of it.
///
/// A run begins when the caller may call, the body is sound and the model is known. Times are nanoseconds since
/// 1970-01-01 00:00 UTC.
package struct InferenceRun: Sendable {
    package let id: String
    package let operation: Operation
    package let trace: RunTrace
    /// The model as the client named it.
    package let model: Model
    package let promptVersion: PromptVersion
    package let isStream: Bool
    package let startedAt: UInt64
    /// The id of its record in the audit log, once it is known.
    package var recordID: String?
    /// The tries at serving the call, in their order.
    package var attempts: [AttemptRecord] = []
    package var outcome = Outcome.ok
    /// The contract's word for what went wrong; nil if nothing did.
    package var errorCode: String?
    /// What the run is billed for; nil if it reached no provider.
    package var usage: TokenUsage?
    /// In nano-dollars, 10⁻⁹ $.
    package var cost: Int64 = 0
    /// The provider's own id for its answer.
    package var responseID: String?
    /// The model as the provider named it in its answer.
    package var responseModel: String?
    package var finishReasons: [String] = []
    /// The HTTP status that the client gets.
    package var status = 200
    /// SHA-256 of the body that came from the client, content codings removed.
    package var requestHash: [UInt8] = []
    /// The length of that body.
    package var requestByteCount = 0
    /// SHA-256 of what the model was asked: the value of `messages`, `prompt` or `input`. That is a string's text in
    /// UTF-8, and of all else the bytes as they stand in the body, without whitespace around them.
    package var inputHash: [UInt8] = []
    /// SHA-256 of the body that goes to the client, before any content coding; of nothing where no answer is delivered,
    /// whatever error the client gets instead. On a stream it ends where the event begins that is the first to carry the
    /// receipt: the usage chunk that ends the answer, if the client asked for one, else the comment.
    package var responseHash = ContentHash.ofNothing
    /// The length of what is hashed so.
    package var responseByteCount = 0
    /// SHA-256 of what the client got of the model's words, by the rules of `OutputDigest`; of an answer that is no text,
    /// such as embeddings, of its body; of nothing where no answer is delivered.
    package var outputHash = ContentHash.ofNothing
    /// When the first byte of the answer's body was there to be sent.
    package var firstByteAt: UInt64?
    package var completedAt: UInt64

    package init(
        id: String, operation: Operation, trace: RunTrace, model: Model, promptVersion: PromptVersion, isStream: Bool,
        startedAt: UInt64
    ) {
        self.id = id
        self.operation = operation
        self.trace = trace
        self.model = model
        self.promptVersion = promptVersion
        self.isStream = isStream
        self.startedAt = startedAt
        self.completedAt = startedAt
    }

    /// `gen_ai.operation.name`, https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/
    package enum Operation: String, Sendable, CaseIterable {
        case chat
        case textCompletion = "text_completion"
        case embeddings
    }

    /// How a run ended.
    package enum Outcome: String, Sendable, CaseIterable {
        case ok
        /// The provider failed, or no provider could be reached.
        case upstreamError = "upstream_error"
        /// The client went away.
        case interrupted
        case timeout
        /// It reached no provider: no credit, no budget, or no provider that may be called.
        case rejected
    }

    /// Who answered, or was tried last; nil if nobody was.
    package var provider: String? { attempts.last?.provider }
}

/// Where a run stands in its trace. https://www.w3.org/TR/trace-context-1/
package struct RunTrace: Hashable, Sendable {
    package let traceID: TraceID
    /// The run's own SERVER span.
    package let spanID: SpanID
    /// The caller's span, if it named one.
    package let parentSpanID: SpanID?
    package let traceState: String?
    package let isSampled: Bool

    package init(
        traceID: TraceID, spanID: SpanID, parentSpanID: SpanID? = nil, traceState: String? = nil, isSampled: Bool = true
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.parentSpanID = parentSpanID
        self.traceState = traceState
        self.isSampled = isSampled
    }
}

/// One try at serving a call: what its CLIENT span says. Times as in `InferenceRun`.
package struct AttemptRecord: Sendable {
    package let spanID: SpanID
    package let provider: String
    /// Where the provider is; nil for one without a network.
    package let server: ServerAddress?
    /// The model's name at the provider.
    package let model: String
    package let startedAt: UInt64
    package var endedAt: UInt64
    /// The HTTP status of the provider's answer, if there was one.
    package var status: Int?
    /// Why the attempt failed; nil if it did not. Safe to show anyone.
    package var errorMessage: String?
    /// A word for it, such as `upstream_timeout`.
    package var errorType: String?

    package init(spanID: SpanID, provider: String, server: ServerAddress?, model: String, startedAt: UInt64) {
        self.spanID = spanID
        self.provider = provider
        self.server = server
        self.model = model
        self.startedAt = startedAt
        self.endedAt = startedAt
    }

    package struct ServerAddress: Hashable, Sendable {
        package let host: String
        package let port: Int

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }
}
