import Inference
import OTLP

extension InferenceRun {
    /// A chat that one provider answered, unless told otherwise; it took two seconds.
    static func stub(
        _ number: Int = 1, trace: UInt64 = 1, model: String = "llama", startedAt: UInt64 = 1_000_000_000,
        _ edit: (inout InferenceRun) -> Void = { _ in }
    ) -> InferenceRun {
        let model = Model(
            id: model, ownedBy: "us", created: 1, route: Route(id: "route-1", targets: [.init(provider: "near")]))
        let digits = String(number)
        var run = InferenceRun(
            id: "run_" + String(repeating: "0", count: 24 - digits.count) + digits, operation: .chat,
            trace: RunTrace(traceID: TraceID(high: 7, low: trace), spanID: SpanID(rawValue: UInt64(number) << 8)),
            model: model, promptVersion: .default, isStream: false, startedAt: startedAt)
        var attempt = AttemptRecord(
            spanID: SpanID(rawValue: UInt64(number) << 8 | 1), provider: "near", server: nil, model: "up",
            startedAt: startedAt + 1)
        attempt.endedAt = startedAt + 1_000_000_000
        attempt.status = 200
        run.attempts = [attempt]
        run.completedAt = startedAt + 2_000_000_000
        run.requestHash = [UInt8](repeating: 1, count: 32)
        run.responseHash = [UInt8](repeating: 2, count: 32)
        run.inputHash = [UInt8](repeating: 3, count: 32)
        edit(&run)
        return run
    }
}
