import HeapModule
import OTLP

/// Walks a tenant's traces latest start first, over all heads and blocks.
///
/// A trace can lie in several places, each knowing only its own earliest span. Places hand out candidates in order;
/// one whose trace turns out to have begun earlier goes back into the queue at its true place, so the order holds
/// without sorting everything first. A trace is met again only at that same place, so once in a row.
///
/// With a filter, a block is read through once, when the walk comes to its latest span, and hands out only traces of
/// which it holds a matching span: a trace matches exactly if some place holds one.
struct TraceListing {
    private struct Candidate: Comparable {
        var position: TracePosition
        /// The place to draw the next candidate from; `nil` for one put back.
        var source: Int?
        /// Stands for all candidates of a block that is yet to be read through.
        var isWholeBlock = false

        static func == (left: Self, right: Self) -> Bool { left.position == right.position }
        static func < (left: Self, right: Self) -> Bool {
            TracePosition.isListedBefore(left.position, right.position)
        }
    }

    private enum Source {
        case positions(ArraySlice<TracePosition>)
        case timeIndex(Block, PagedTableCursor)
        case unread(Block)
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
            sources.append(.positions(listed.sorted(by: TracePosition.isListedBefore)[...]))
        }
        for block in blocks {
            if !query.filter.isEmpty {
                sources.append(.unread(block))
            } else if let cursor = try block.reading({ try $0.timeCursor(of: query.tenant, from: first) }) {
                sources.append(.timeIndex(block, cursor))
            }
        }
        for source in sources.indices { try draw(from: source) }
    }

    /// The next trace of the list; the filter may still not be met by it. `nil` behind the last one.
    mutating func next() throws(TraceStoreError) -> Trace? {
        while let candidate = candidates.popMin() {
            guard candidate.position.startTimeUnixNano >= query.start else { return nil }
            if candidate.isWholeBlock, let source = candidate.source { try read(source) }
            if let source = candidate.source { try draw(from: source) }
            if candidate.isWholeBlock || candidate.position == last { continue }
            let id = candidate.position.traceID
            let spans = try index.spans(of: TraceKey(tenant: query.tenant, traceID: id))
            guard let trace = Trace(id, collapsing: spans) else { continue }
            let position = TracePosition(startTimeUnixNano: trace.startTimeUnixNano, traceID: id)
            if TracePosition.isListedBefore(candidate.position, position) {
                candidates.insert(Candidate(position: position, source: nil))
            } else if !TracePosition.isListedBefore(position, query.latestPosition), query.isBehindCursor(position) {
                last = position
                return trace
            }
        }
        return nil
    }

    private mutating func draw(from number: Int) throws(TraceStoreError) {
        let position: TracePosition?
        switch sources[number] {
        case .positions(var rest):
            position = rest.popFirst()
            sources[number] = .positions(rest)
        case .timeIndex(let block, var cursor):
            let tenant = query.tenant
            position = try block.reading { try $0.nextStart(of: tenant, &cursor) } ?? nil
            sources[number] = .timeIndex(block, cursor)
        case .unread(let block):
            let latest = TracePosition(startTimeUnixNano: block.footer.lastStartUnixNano, traceID: .highest)
            candidates.insert(Candidate(position: latest, source: number, isWholeBlock: true))
            return
        }
        if let position { candidates.insert(Candidate(position: position, source: number)) }
    }

    private mutating func read(_ number: Int) throws(TraceStoreError) {
        guard case .unread(let block) = sources[number] else { return }
        let query = query
        let found = try block.reading { try $0.traces(of: query.tenant, matching: query.filter) } ?? []
        sources[number] = .positions(found.sorted(by: TracePosition.isListedBefore)[...])
    }
}

extension TraceQuery {
    /// The first place in the list that `end` allows.
    fileprivate var latestPosition: TracePosition {
        TracePosition(startTimeUnixNano: end == .max ? .max : end &- 1, traceID: .highest)
    }

    /// Where places may begin to hand out candidates. Without a filter, whichever place holds a trace's first span
    /// hands it out at its true position, so what is listed before the page can be skipped everywhere. With one, the
    /// place that has the matching span may know only a later start.
    fileprivate var firstPosition: TracePosition {
        guard filter.isEmpty else { return TracePosition(startTimeUnixNano: .max, traceID: .highest) }
        guard let after, TracePosition.isListedBefore(latestPosition, after) else { return latestPosition }
        return after
    }

    fileprivate func isBehindCursor(_ position: TracePosition) -> Bool {
        after.map { TracePosition.isListedBefore($0, position) } ?? true
    }
}

extension TraceID {
    fileprivate static let highest = TraceID(high: .max, low: .max)
}
