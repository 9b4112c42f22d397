/// The runs of one trace.
package struct TraceRuns: Hashable, Sendable {
    /// The earliest runs, in their order, at most `RunStore.runsPerTraceMax`.
    package let runs: [RunRecord]
    /// How many runs the trace has in all.
    package let count: Int
}
