import Inference
import OTLP

extension InferenceRun {
    /// A buffered chat that one provider answered, unless told otherwise.
    static func stub(
        _ operation: Operation = .chat, model: String = "llama", isStream: Bool = false,
        promptVersion: PromptVersion = .default, trace: RunTrace = .stub(), attempts: [AttemptRecord] = [.stub()],
        startedAt: UInt64 = 1_000_000_000,
        _ edit: (inout InferenceRun) -> Void = { _ in }
    ) -> InferenceRun {
        let model = Model(
            id: model, ownedBy: "us", created: 1, route: Route(id: "route-1", targets: [.init(provider: "near")]))
        var run = InferenceRun(
            id: "run_0123456789abcdefghij", operation: operation, trace: trace, model: model,
            promptVersion: promptVersion, isStream: isStream, startedAt: startedAt)
        run.attempts = attempts
        run.completedAt = startedAt + 2_000_000_000
        edit(&run)
        return run
    }
}

extension RunTrace {
    static func stub(
        parentSpanID: SpanID? = nil, traceState: String? = nil, isSampled: Bool = true
    ) -> RunTrace {
        RunTrace(
            traceID: TraceID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10), spanID: SpanID(rawValue: 0xA1),
            parentSpanID: parentSpanID, traceState: traceState, isSampled: isSampled)
    }
}

extension AttemptRecord {
    /// An attempt that its provider answered with 200, unless told otherwise.
    static func stub(
        spanID: UInt64 = 0xB1, provider: String = "near", server: ServerAddress? = .init(host: "near.test", port: 443),
        model: String = "llama", status: Int? = 200, errorType: String? = nil, errorMessage: String? = nil
    ) -> AttemptRecord {
        var attempt = AttemptRecord(
            spanID: SpanID(rawValue: spanID), provider: provider, server: server, model: model,
            startedAt: 1_500_000_000)
        attempt.endedAt = 2_500_000_000
        attempt.status = status
        attempt.errorType = errorType
        attempt.errorMessage = errorMessage
        return attempt
    }
}

extension TokenUsage {
    static func stub(input: Int64, output: Int64, cached: Int64 = 0, reasoning: Int64 = 0) -> TokenUsage {
        var usage = TokenUsage(inputTokens: input, outputTokens: output)
        usage.cachedInputTokens = cached
        usage.reasoningTokens = reasoning
        return usage
    }
}
