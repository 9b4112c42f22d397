import HeapModule
import OTLP

/// Walks a tenant's traces latest start first, over all heads and blocks.
///
/// A trace can lie in several places, each knowing only its own earliest span. Places hand out candidates in order;
/// one whose trace turns out to have begun earlier goes back into the queue at its true place, so the order holds
/// without sorting everything first. A trace is met again only at that same place, so once in a row.
struct TraceListing {
    private struct Candidate: Comparable {
        var position: TracePosition
        /// The place to draw the next candidate from; `nil` for one put back.
        var source: Int?

        static func == (left: Self, right: Self) -> Bool { left.position == right.position }
        static func < (left: Self, right: Self) -> Bool {
            TracePosition.isListedBefore(left.position, right.position)
        }
    }

    private enum Source {
        case head(ArraySlice<TracePosition>)
        case block(Block, PagedTableCursor)
    }

    private let index: SpanIndex
    private let query: TraceQuery
    private var sources: [Source] = []
    private var candidates = Heap<Candidate>()
    private var last: TracePosition?

    init(_ query: TraceQuery, in index: SpanIndex) throws(TraceStoreError) {
        self.index = index
        self.query = query
        self.last = query.after
        let first = query.firstPosition
        let (heads, blocks) = index.traceStarts(of: query.tenant)
        for starts in heads {
            let listed = starts.filter { !TracePosition.isListedBefore($0, first) }
            sources.append(.head(listed.sorted(by: TracePosition.isListedBefore)[...]))
        }
        for block in blocks {
            if let cursor = try block.reading({ try $0.timeCursor(of: query.tenant, from: first) }) {
                sources.append(.block(block, cursor))
            }
        }
        for source in sources.indices { try draw(from: source) }
    }

    /// The next trace of the list, matching or not; `nil` behind the last one.
    mutating func next() throws(TraceStoreError) -> Trace? {
        while let candidate = candidates.popMin() {
            if let source = candidate.source { try draw(from: source) }
            guard candidate.position.startTimeUnixNano >= query.start else { return nil }
            if candidate.position == last { continue }
            let id = candidate.position.traceID
            let spans = try index.spans(of: TraceKey(tenant: query.tenant, traceID: id))
            guard let trace = Trace(id, collapsing: spans) else { continue }
            let position = TracePosition(startTimeUnixNano: trace.startTimeUnixNano, traceID: id)
            if TracePosition.isListedBefore(candidate.position, position) {
                candidates.insert(Candidate(position: position, source: nil))
            } else {
                last = position
                return trace
            }
        }
        return nil
    }

    private mutating func draw(from number: Int) throws(TraceStoreError) {
        let position: TracePosition?
        switch sources[number] {
        case .head(var rest):
            position = rest.popFirst()
            sources[number] = .head(rest)
        case .block(let block, var cursor):
            let tenant = query.tenant
            position = try block.reading { try $0.nextStart(of: tenant, &cursor) } ?? nil
            sources[number] = .block(block, cursor)
        }
        if let position { candidates.insert(Candidate(position: position, source: number)) }
    }
}

extension TraceQuery {
    /// The first place in the list that the query can answer with: behind `after`, before `end`.
    fileprivate var firstPosition: TracePosition {
        let highest = TraceID(high: .max, low: .max)
        let latest = TracePosition(startTimeUnixNano: end == .max ? .max : end &- 1, traceID: highest)
        guard let after, TracePosition.isListedBefore(latest, after) else { return latest }
        return after
    }
}
