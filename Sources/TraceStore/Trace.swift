package import OTLP

/// All spans of one trace of one tenant, resends collapsed, oldest first.
package struct Trace: Sendable {
    package let traceID: TraceID
    /// Never empty.
    package let spans: [StoredSpan]
    /// Whether some span id came with different contents; all of them are in `spans`.
    package let hasConflict: Bool

    /// `nil` when there are no spans. Spans with equal content, wherever they were stored, become one.
    init?(_ traceID: TraceID, collapsing spans: [StoredSpan]) {
        guard !spans.isEmpty else { return nil }
        var kept: [StoredSpan] = []
        kept.reserveCapacity(spans.count)
        for span in spans.sorted(by: StoredSpan.precedes) {
            if let last = kept.last, span.isCopy(of: last) { continue }
            kept.append(span)
        }
        self.traceID = traceID
        self.spans = kept
        self.hasConflict = Self.hasConflict(kept)
    }

    private static func hasConflict(_ spans: [StoredSpan]) -> Bool {
        var seen = Set<SpanIdentity>()
        seen.reserveCapacity(spans.count)
        return spans.contains { !seen.insert(SpanIdentity(spanID: $0.spanID, origin: $0.origin)).inserted }
    }

    private struct SpanIdentity: Hashable {
        let spanID: SpanID
        let origin: SpanOrigin
    }
}

extension Trace {
    package enum Status: String, Sendable {
        case unset, ok, error
    }

    /// When the earliest span began.
    package var startTimeUnixNano: UInt64 { spans.lazy.map(\.startTimeUnixNano).min() ?? 0 }

    /// From the earliest start to the latest end, in nanoseconds.
    package var durationNano: UInt64 {
        let start = startTimeUnixNano
        let end = spans.lazy.map(\.endTimeUnixNano).max() ?? start
        return end > start ? end - start : 0
    }

    /// The span without a parent; where none came (yet), the earliest.
    package var root: StoredSpan {
        spans.first { $0.parentSpanID.isZero } ?? spans[0]
    }

    /// `error` when any span failed, else `ok` when any span says so.
    package var status: Status {
        var status = Status.unset
        for span in spans {
            switch SpanStatus(code: span.statusCode) {
            case .error: return .error
            case .ok: status = .ok
            case .unset: break
            }
        }
        return status
    }
}

/// https://github.com/open-telemetry/opentelemetry-proto, `Status.StatusCode`; unknown numbers count as unset.
package enum SpanStatus: Int32, Sendable {
    case unset = 0
    case ok = 1
    case error = 2

    package init(code: Int32) { self = SpanStatus(rawValue: code) ?? .unset }
}
