import OTLP
import Synchronization

/// An export over a snapshot of the embedded engine, read a portion at a time on the engine's read threads.
final class EmbeddedSpanExport: SpanExport {
    fileprivate enum Source {
        case one(Trace?)
        case all(TraceMerge)
    }

    private let query: ExportQuery
    private let pool: ReadPool
    private let source: Mutex<Source>

    init(_ query: ExportQuery, of index: SpanIndex, pool: ReadPool) throws(TraceStoreError) {
        self.query = query
        self.pool = pool
        if let id = query.traceID {
            let spans = try index.spans(of: TraceKey(tenant: query.tenant, traceID: id))
            self.source = Mutex(.one(Trace(id, collapsing: spans)))
        } else {
            let first = query.after?.traceID ?? TraceID(high: 0, low: 0)
            let last = query.end == .max ? UInt64.max : max(query.end, 1) - 1
            let starts = query.start...max(query.start, last)
            self.source = Mutex(
                .all(try TraceMerge(index.snapshot(), tenant: query.tenant, from: first, starts: starts)))
        }
    }

    func next(byteCount: Int) async throws(TraceStoreError) -> [ExportedTrace]? {
        try await pool.run { [self] () throws(TraceStoreError) in
            try source.withLock { source throws(TraceStoreError) in try portion(of: &source, byteCount: byteCount) }
        }
    }

    private func portion(of source: inout Source, byteCount: Int) throws(TraceStoreError) -> [ExportedTrace]? {
        var traces: [ExportedTrace] = []
        var bytes = 0
        while bytes < byteCount, let trace = try source.next() {
            let spans = try matching(trace)
            if !spans.isEmpty { traces.append(ExportedTrace(spans: spans)) }
            bytes += spans.reduce(0) { $0 + $1.span.message.count }
        }
        return traces.isEmpty ? nil : traces
    }

    private func matching(_ trace: Trace) throws(TraceStoreError) -> [ExportedSpan] {
        var spans: [ExportedSpan] = []
        var positions = SpanPositions()
        for span in trace.spans {
            let position = positions.position(of: span)
            if let after = query.after, !SpanPosition.precedes(after, position) { continue }
            guard span.startTimeUnixNano >= query.start, span.startTimeUnixNano < query.end || query.end == .max,
                try query.filter.matches(span)
            else { continue }
            spans.append(ExportedSpan(span: span, position: position))
        }
        return spans
    }
}

extension EmbeddedSpanExport.Source {
    fileprivate mutating func next() throws(TraceStoreError) -> Trace? {
        switch self {
        case .one(let trace):
            self = .one(nil)
            return trace
        case .all(var merge):
            defer { self = .all(merge) }
            return try merge.next()
        }
    }
}

/// Numbers spans that share trace, start and id, given in the order of a `Trace`.
private struct SpanPositions {
    private var last: SpanPosition?

    mutating func position(of span: StoredSpan) -> SpanPosition {
        var position = SpanPosition(
            traceID: span.traceID, startTimeUnixNano: span.startTimeUnixNano, spanID: span.spanID, copy: 0)
        if var previous = last {
            let copy = previous.copy
            previous.copy = 0
            if previous == position { position.copy = copy + 1 }
        }
        last = position
        return position
    }
}
