/// What is recorded of a run beside what it used: where it went, what became of it, and what was sent and answered.
///
/// Times are nanoseconds since 1970-01-01 00:00 UTC.
package struct RunDetails: Hashable, Sendable {
    /// The id of the run's SERVER span, 16 hexadecimal digits.
    package var spanID: String
    /// OpenTelemetry's name of the operation: `chat`, `text_completion`, `embeddings`.
    package var operation: String
    package var isStream: Bool
    package var environment: String
    package var promptVersion: String
    /// Nil if no route was taken.
    package var routeID: String?
    /// Who answered, or was tried last; nil if the run was refused before.
    package var provider: String?
    /// The model's name at the provider.
    package var responseModel: String?
    /// How many providers were tried, repetitions included.
    package var attemptCount: Int64
    /// The part of the input that the provider had in its cache.
    package var cachedInputTokens: Int64
    /// The part of the output that went into reasoning.
    package var reasoningTokens: Int64
    /// Whether tokens were counted here because the provider did not report them.
    package var usageIsEstimated: Bool
    /// The HTTP status that the client got.
    package var status: Int64
    /// The contract's word for what went wrong; nil if nothing did.
    package var errorCode: String?
    /// Why the model stopped, for each choice, separated by commas.
    package var finishReasons: String?
    /// SHA-256 of the body that came from the client, content codings removed.
    package var requestHash: [UInt8]
    /// SHA-256 of the body that went to the client; on a stream, of what came before the usage chunk or the receipt.
    package var responseHash: [UInt8]
    package var startedAt: Int64
    /// When the first byte of the answer went to the client.
    package var firstByteAt: Int64?
    package var completedAt: Int64

    package init(
        spanID: String, operation: String, isStream: Bool, environment: String, promptVersion: String,
        routeID: String? = nil, provider: String? = nil, responseModel: String? = nil, attemptCount: Int64 = 0,
        cachedInputTokens: Int64 = 0, reasoningTokens: Int64 = 0, usageIsEstimated: Bool = false, status: Int64,
        errorCode: String? = nil, finishReasons: String? = nil, requestHash: [UInt8], responseHash: [UInt8],
        startedAt: Int64, firstByteAt: Int64? = nil, completedAt: Int64
    ) {
        self.spanID = spanID
        self.operation = operation
        self.isStream = isStream
        self.environment = environment
        self.promptVersion = promptVersion
        self.routeID = routeID
        self.provider = provider
        self.responseModel = responseModel
        self.attemptCount = attemptCount
        self.cachedInputTokens = cachedInputTokens
        self.reasoningTokens = reasoningTokens
        self.usageIsEstimated = usageIsEstimated
        self.status = status
        self.errorCode = errorCode
        self.finishReasons = finishReasons
        self.requestHash = requestHash
        self.responseHash = responseHash
        self.startedAt = startedAt
        self.firstByteAt = firstByteAt
        self.completedAt = completedAt
    }
}
