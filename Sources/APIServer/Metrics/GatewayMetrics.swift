import Inference
import Synchronization

/// What the gateway counts of its runs. Labels are the catalogue's names and fixed words, never what a client sent.
final class GatewayMetrics: Sendable {
    struct RunLabels: Hashable {
        let model: String
        let operation: InferenceRun.Operation
        let outcome: InferenceRun.Outcome
    }

    struct AttemptLabels: Hashable {
        let provider: String
        /// `ok`, a status, or the contract's word for what went wrong.
        let result: String
    }

    struct Totals {
        var runs: [RunLabels: Int] = [:]
        var attempts: [AttemptLabels: Int] = [:]
        var inputTokens: [String: Int64] = [:]
        var outputTokens: [String: Int64] = [:]
        /// Nano-dollars.
        var cost: [String: Int64] = [:]
        var durations = Latencies()
        var timesToFirstByte = Latencies()
    }

    /// Seconds, counted by bounds.
    struct Latencies {
        static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]

        private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
        private(set) var sum = 0.0

        mutating func add(nanoseconds: UInt64) {
            let seconds = Double(nanoseconds) / 1e9
            sum += seconds
            counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
        }
    }

    private let state = Mutex(Totals())

    var totals: Totals { state.withLock(\.self) }

    /// Counts a run that was recorded.
    func count(_ run: InferenceRun) {
        let model = run.model.id
        state.withLock { totals in
            totals.runs[RunLabels(model: model, operation: run.operation, outcome: run.outcome), default: 0] += 1
            for attempt in run.attempts {
                let result = attempt.errorType ?? "ok"
                totals.attempts[AttemptLabels(provider: attempt.provider, result: result), default: 0] += 1
            }
            if let usage = run.usage {
                totals.inputTokens[model, default: 0] += usage.inputTokens
                totals.outputTokens[model, default: 0] += usage.outputTokens
            }
            totals.cost[model, default: 0] += run.cost
            totals.durations.add(nanoseconds: run.completedAt - min(run.startedAt, run.completedAt))
            if run.isStream, let first = run.firstByteAt {
                totals.timesToFirstByte.add(nanoseconds: first - min(run.startedAt, first))
            }
        }
    }
}

extension PrometheusText {
    mutating func gateway(_ totals: GatewayMetrics.Totals, _ spans: GatewaySpans, _ gateway: InferenceGateway) {
        counter(
            "batchin_runs_total", "Runs recorded.",
            samples: totals.runs.map { labels, count in
                (
                    "model=\"\(escaped(labels.model))\",operation=\"\(labels.operation.rawValue)\","
                        + "outcome=\"\(labels.outcome.rawValue)\"", count
                )
            }.sorted { $0.0 < $1.0 })
        counter(
            "batchin_upstream_attempts_total", "Tries at serving a run, by what came of them.",
            samples: totals.attempts.map { labels, count in
                ("provider=\"\(escaped(labels.provider))\",result=\"\(escaped(labels.result))\"", count)
            }.sorted { $0.0 < $1.0 })
        let tokens = [("input", totals.inputTokens), ("output", totals.outputTokens)]
        counter(
            "batchin_run_tokens_total", "Tokens of runs.",
            samples: tokens.flatMap { direction, counts in
                counts.sorted { $0.key < $1.key }.map { model, count in
                    ("model=\"\(escaped(model))\",direction=\"\(direction)\"", Int(count))
                }
            })
        counter(
            "batchin_run_cost_nanodollars_total", "What runs were charged, in 10^-9 dollars.",
            samples: totals.cost.sorted { $0.key < $1.key }.map { ("model=\"\(escaped($0.key))\"", Int($0.value)) })
        histogram(
            "batchin_run_duration_seconds", "From the start of a run to the end of its answer.",
            bounds: GatewayMetrics.Latencies.bounds, counts: totals.durations.counts, sum: totals.durations.sum)
        histogram(
            "batchin_run_time_to_first_byte_seconds", "From the start of a run to the first byte of its stream.",
            bounds: GatewayMetrics.Latencies.bounds, counts: totals.timesToFirstByte.counts,
            sum: totals.timesToFirstByte.sum)
        counter("batchin_run_spans_dropped_total", "Runs whose spans were not stored.", spans.droppedCount)
        describe("batchin_model_available", "Whether a provider of the model may be called.", type: "gauge")
        for model in gateway.catalogue.models {
            let isAvailable = gateway.router.status(of: model) != .offline
            sample("batchin_model_available", "model=\"\(escaped(model.id))\"", isAvailable ? 1 : 0)
        }
    }
}
