import OTLP

/// Walks one tenant's traces in key order over a snapshot, each assembled from every place that has some of it.
///
/// Holds one chunk a block and one trace, whatever the store's size.
struct TraceMerge {
    private struct HeadSource {
        let head: Head
        var keys: ArraySlice<TraceKey>
    }

    private struct BlockSource {
        let block: Block
        var cursor: PagedTableCursor
        var row: BlockTraceRow?
        var chunk: BlockChunk?
    }

    private let tenant: TenantID
    /// Traces of a block without a span that starts in here are passed over unread.
    private let starts: ClosedRange<UInt64>
    private var heads: [HeadSource]
    private var blocks: [BlockSource] = []

    /// - Parameter first: the smallest trace id wanted.
    init(
        _ snapshot: SpanIndex.Snapshot, tenant: TenantID, from first: TraceID, starts: ClosedRange<UInt64>
    ) throws(TraceStoreError) {
        self.tenant = tenant
        self.starts = starts
        let start = TraceKey(tenant: tenant, traceID: first)
        self.heads = snapshot.heads.map { frozen in
            HeadSource(head: frozen.head, keys: frozen.head.sortedKeys(of: tenant, from: first)[...])
        }
        for block in snapshot.blocks where starts.overlaps(block.footer.starts) {
            guard let cursor = try block.reading({ try $0.traceCursor(from: start) }) else { continue }
            var source = BlockSource(block: block, cursor: cursor)
            try advance(&source)
            blocks.append(source)
        }
    }

    mutating func next() throws(TraceStoreError) -> Trace? {
        while let key = smallestKey() {
            var spans: [StoredSpan] = []
            for number in heads.indices where heads[number].keys.first == key {
                spans.append(contentsOf: heads[number].head.storedSpans(of: key))
                heads[number].keys.removeFirst()
            }
            for number in blocks.indices where blocks[number].row?.key == key {
                spans.append(contentsOf: try take(&blocks[number]))
            }
            // Empty only when every place that had the trace turned out damaged.
            if let trace = Trace(key.traceID, collapsing: spans) { return trace }
        }
        return nil
    }

    private func smallestKey() -> TraceKey? {
        let inHeads = heads.lazy.compactMap(\.keys.first).min()
        let inBlocks = blocks.lazy.compactMap(\.row?.key).min()
        guard let inHeads, let inBlocks else { return inHeads ?? inBlocks }
        return min(inHeads, inBlocks)
    }

    /// The spans at the source's row, which moves on.
    private func take(_ source: inout BlockSource) throws(TraceStoreError) -> [StoredSpan] {
        guard let row = source.row else { return [] }
        var held = source.chunk
        let spans = try source.block.reading { block throws -> [StoredSpan] in
            let chunk = try held.flatMap { $0.offset == row.chunk ? $0 : nil } ?? block.chunk(at: row.chunk)
            held = chunk
            return try chunk.spans(of: row)
        }
        source.chunk = held
        try advance(&source)
        return spans ?? []
    }

    private func advance(_ source: inout BlockSource) throws(TraceStoreError) {
        var cursor = source.cursor
        let (tenant, starts) = (tenant, starts)
        let row =
            try source.block.reading { block throws -> BlockTraceRow? in
                while let row = try block.nextTrace(&cursor) {
                    if row.key.tenant != tenant || starts.overlaps(row.starts) { return row }
                }
                return nil
            } ?? nil
        source.cursor = cursor
        source.row = row?.key.tenant == tenant ? row : nil
    }
}
