package import OTLP

/// Which traces to list.
package struct TraceQuery: Sendable {
    package var tenant: TenantID
    /// Some span of the trace must match.
    package var filter = SpanFilter()
    /// Bounds of the trace's start, in Unix nanoseconds: from `start` on, before `end`.
    package var start: UInt64 = 0
    package var end: UInt64 = .max
    /// Only traces listed behind this place.
    package var after: TracePosition?
    package var limit: Int

    package init(tenant: TenantID, limit: Int) {
        self.tenant = tenant
        self.limit = limit
    }
}

/// A trace's place in the list: latest start first, traces that began together by descending id.
package struct TracePosition: Hashable, Sendable {
    package var startTimeUnixNano: UInt64
    package var traceID: TraceID

    package init(startTimeUnixNano: UInt64, traceID: TraceID) {
        self.startTimeUnixNano = startTimeUnixNano
        self.traceID = traceID
    }

    package static func isListedBefore(_ left: Self, _ right: Self) -> Bool {
        left.startTimeUnixNano == right.startTimeUnixNano
            ? right.traceID < left.traceID : left.startTimeUnixNano > right.startTimeUnixNano
    }
}

package struct TracePage: Sendable {
    package var traces: [TraceSummary]
    /// Where the next page begins; `nil` when this was the last.
    package var next: TracePosition?
}

/// What a list says of a trace.
package struct TraceSummary: Sendable {
    package var traceID: TraceID
    package var startTimeUnixNano: UInt64
    package var durationNano: UInt64
    package var status: Trace.Status
    /// Service and name of the root span, or of the earliest one while the root is missing.
    package var service: String
    package var operation: String
    package var spanCount: Int
    package var hasConflict: Bool

    package init(_ trace: Trace) {
        let root = trace.root
        self.traceID = trace.traceID
        self.startTimeUnixNano = trace.startTimeUnixNano
        self.durationNano = trace.durationNano
        self.status = trace.status
        self.service = root.envelope.serviceName
        self.operation = root.name
        self.spanCount = trace.spans.count
        self.hasConflict = trace.hasConflict
    }
}

/// Which spans to export.
package struct ExportQuery: Sendable {
    package var tenant: TenantID
    package var traceID: TraceID?
    package var filter = SpanFilter()
    /// Bounds of the span's start, in Unix nanoseconds: from `start` on, before `end`.
    package var start: UInt64 = 0
    package var end: UInt64 = .max
    /// Only spans behind this place.
    package var after: SpanPosition?

    package init(tenant: TenantID) {
        self.tenant = tenant
    }
}

/// A span's place in an export: by trace id, then start, then span id, then order among spans that share these.
package struct SpanPosition: Hashable, Sendable {
    package var traceID: TraceID
    package var startTimeUnixNano: UInt64
    package var spanID: SpanID
    package var copy: UInt32

    package init(traceID: TraceID, startTimeUnixNano: UInt64, spanID: SpanID, copy: UInt32) {
        self.traceID = traceID
        self.startTimeUnixNano = startTimeUnixNano
        self.spanID = spanID
        self.copy = copy
    }

    static func precedes(_ left: Self, _ right: Self) -> Bool {
        if left.traceID != right.traceID { return left.traceID < right.traceID }
        if left.startTimeUnixNano != right.startTimeUnixNano { return left.startTimeUnixNano < right.startTimeUnixNano }
        if left.spanID != right.spanID { return left.spanID < right.spanID }
        return left.copy < right.copy
    }
}
