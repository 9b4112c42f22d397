import Accounts
import OTLP
import TraceStore

/// A trace as its owner sees it: what its spans say, and what the gateway vouches for.
struct RuntimeTrace: Sendable {
    let traceID: TraceID
    let startTimeUnixNano: UInt64
    /// Nil where no span is known.
    let spans: TraceSummary?
    /// Nil where no run is known.
    let runs: TraceRuns?

    var position: TracePosition { TracePosition(startTimeUnixNano: startTimeUnixNano, traceID: traceID) }

    /// The run that names the trace: the earliest.
    var firstRun: RunRecord? { runs?.runs.first }

    /// Nil if there is neither.
    init?(_ traceID: TraceID, spans: TraceSummary?, runs: TraceRuns?) {
        let began = [spans?.startTimeUnixNano, runs?.runs.first?.startTimeUnixNano].compactMap(\.self).min()
        guard let began else { return nil }
        self.traceID = traceID
        self.spans = spans
        self.runs = runs
        startTimeUnixNano = began
    }

    /// The latest end less the earliest start, in nanoseconds.
    var durationNano: UInt64 {
        let spansEnd = spans.map { $0.startTimeUnixNano + $0.durationNano }
        let runsEnd = runs?.runs.compactMap { $0.details.map { UInt64(clamping: $0.completedAt) } }.max()
        let end = [spansEnd, runsEnd].compactMap(\.self).max() ?? startTimeUnixNano
        return end > startTimeUnixNano ? end - startTimeUnixNano : 0
    }

    /// A trace fails with one of its spans, or of its runs.
    var status: Trace.Status {
        if let spans { return spans.status }
        return runs?.runs.contains { $0.usage.outcome != .ok } == true ? .error : .unset
    }
}

extension RunRecord {
    /// To the nanosecond, where it is recorded so well.
    var startTimeUnixNano: UInt64 {
        UInt64(clamping: details?.startedAt ?? usage.createdAt * 1_000_000)
    }
}
