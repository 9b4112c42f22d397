import Checksum
import Compression
import OTLP

/// Writes one block file from traces given in key order. The file is whole and on disk once `finish` returns, and
/// nobody looks at it before it is renamed.
struct BlockWriter: ~Copyable {
    /// Measured on synthetic spans: higher levels cost more CPU than they save bytes.
    static let compressionLevel: Int32 = 1

    private let file: File
    private var compressor: ZstdCompressor
    private var chunk = BlockChunkBuilder()
    private var pendingRows: [BlockTraceRow] = []
    private var traces = PagedTableBuilder(BlockFormat.traceTable)
    private var times: [(tenant: TenantID, start: TracePosition)] = []
    private var position: Int
    private var spanCount: UInt64 = 0
    private var firstStart = UInt64.max
    private var lastStart: UInt64 = 0

    init(_ path: String, in system: FileSystem) throws {
        let file = try File(path, .create, in: system)
        var magic: [UInt8] = []
        magic.append(littleEndian: BlockFormat.magic)
        try unsafe file.write(magic.span.bytes, at: 0)
        let compressor = try ZstdCompressor(level: Self.compressionLevel)
        self.file = file
        self.compressor = compressor
        self.position = magic.count
    }

    mutating func append(_ trace: Trace, key: TraceKey) throws {
        let starts = trace.spans.map(\.startTimeUnixNano)
        let first = starts.min() ?? 0
        let last = starts.max() ?? 0
        let offset = chunk.append(trace.spans)
        pendingRows.append(
            BlockTraceRow(
                key: key, chunk: 0, offsetInChunk: offset, spanCount: UInt32(trace.spans.count),
                firstStartUnixNano: first, lastStartUnixNano: last))
        times.append((key.tenant, TracePosition(startTimeUnixNano: first, traceID: key.traceID)))
        spanCount += UInt64(trace.spans.count)
        firstStart = min(firstStart, first)
        lastStart = max(lastStart, last)
        if chunk.size >= BlockFormat.chunkSize { try endChunk() }
    }

    private mutating func endChunk() throws {
        guard !chunk.isEmpty else { return }
        let raw = chunk.finish()
        let compressed = try unsafe compressor.compress(raw.span.bytes)
        for var row in pendingRows {
            row.chunk = UInt64(position)
            traces.append(row.encoded())
        }
        pendingRows.removeAll(keepingCapacity: true)
        var header: [UInt8] = []
        header.append(littleEndian: UInt32(compressed.count))
        header.append(littleEndian: UInt32(raw.count))
        header.append(littleEndian: unsafe CRC32C.checksum(compressed.span.bytes))
        header.append(littleEndian: unsafe CRC32C.checksum(header.span.bytes))
        try write(header + compressed)
    }

    /// Writes indexes, footer and trailer, and syncs the file.
    mutating func finish() throws {
        try endChunk()
        traces.finish()
        let traceTable = try write(traces)
        var timeBuilder = PagedTableBuilder(BlockFormat.timeTable)
        times.sort { left, right in
            left.tenant == right.tenant
                ? TracePosition.isListedBefore(left.start, right.start) : left.tenant < right.tenant
        }
        for (tenant, start) in times { timeBuilder.append(BlockTimeRow.encoded(tenant, start)) }
        timeBuilder.finish()
        let timeTable = try write(timeBuilder)
        let footer = BlockFooter(
            spanCount: spanCount, firstStartUnixNano: firstStart, lastStartUnixNano: lastStart, traces: traceTable,
            times: timeTable
        ).encoded()
        let footerOffset = position
        try write(footer)
        var trailer: [UInt8] = []
        trailer.append(littleEndian: UInt64(footerOffset))
        trailer.append(littleEndian: UInt32(footer.count))
        trailer.append(littleEndian: unsafe CRC32C.checksum(footer.span.bytes))
        trailer.append(littleEndian: BlockFormat.version)
        trailer.append(littleEndian: unsafe CRC32C.checksum(trailer.span.bytes))
        trailer.append(littleEndian: BlockFormat.magic)
        try write(trailer)
        try file.sync()
    }

    private mutating func write(_ builder: PagedTableBuilder) throws -> PagedTable {
        defer { position += builder.bytes.count }
        try unsafe file.write(builder.bytes.span.bytes, at: position)
        return PagedTable(layout: builder.layout, offset: position, count: builder.count, fences: builder.fences)
    }

    private mutating func write(_ bytes: [UInt8]) throws {
        try unsafe file.write(bytes.span.bytes, at: position)
        position += bytes.count
    }
}
