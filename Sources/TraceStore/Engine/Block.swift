import Checksum
import Compression
import OTLP
import Synchronization

/// An immutable, checksummed file of traces in key order.
///
/// Everything read from it is checked first. Damage found while reading is remembered: the block then counts as
/// corrupt, is reported, and is not asked again.
final class Block: Sendable {
    let name: String
    /// The journal files whose spans this block holds.
    let journals: ClosedRange<UInt64>
    let footer: BlockFooter
    let size: Int
    private let file: File
    private let damage = Mutex<String?>(nil)

    /// - Throws: `BlockDamage` when the footer can't be trusted, `FileError` when the file can't be read.
    init(_ path: String, name: String, journals: ClosedRange<UInt64>, in system: FileSystem) throws {
        let file = try File(path, .read, in: system)
        let size = try file.size()
        guard size >= BlockFormat.trailerSize else { throw BlockDamage(what: "the trailer") }
        let trailer = try file.read(at: size - BlockFormat.trailerSize, count: BlockFormat.trailerSize)
        var reader = ByteReader(trailer)
        guard let footerOffset = reader.read(UInt64.self).flatMap(Int.init(exactly:)),
            let footerSize = reader.read(UInt32.self), let footerChecksum = reader.read(UInt32.self),
            let version = reader.read(UInt32.self),
            reader.read(UInt32.self) == (unsafe CRC32C.checksum(trailer.span.bytes.extracting(0..<20))),
            reader.read(UInt64.self) == BlockFormat.magic
        else { throw BlockDamage(what: "the trailer") }
        guard version == BlockFormat.version else { throw BlockDamage(what: "version \(version), which is unknown") }
        let footer = try file.read(at: footerOffset, count: Int(footerSize))
        guard unsafe CRC32C.checksum(footer.span.bytes) == footerChecksum else { throw BlockDamage(what: "the footer") }
        self.footer = try BlockFooter(footer)
        self.file = file
        self.name = name
        self.journals = journals
        self.size = size
    }

    /// What was found damaged since the block was opened.
    var knownDamage: String? { damage.withLock { $0 } }

    /// Runs `body` on an undamaged block. Damage that it meets is remembered and gives `nil`: one bad block must not
    /// take the rest of a query with it.
    func reading<Result>(_ body: (Block) throws -> Result) throws(TraceStoreError) -> Result? {
        guard knownDamage == nil else { return nil }
        do {
            return try body(self)
        } catch let error as FileError {
            throw TraceStoreError(error)
        } catch {
            let what = (error as? BlockDamage)?.what ?? "\(error)"
            damage.withLock { $0 = "\(name): \(what) is damaged" }
            return nil
        }
    }

    /// The spans of one trace; empty when the block has none.
    func spans(of key: TraceKey) throws(TraceStoreError) -> [StoredSpan] {
        let found = try reading { block throws -> [StoredSpan] in
            let wanted = BlockTraceRow.encodedKey(key)
            var cursor = PagedTableCursor(
                block.footer.traces, at: try block.footer.traces.lowerBound(wanted, in: block.file))
            guard let record = try cursor.next(in: block.file), record.starts(with: wanted) else { return [] }
            let row = try BlockTraceRow(record)
            return try block.chunk(at: row.chunk).spans(of: row)
        }
        return found ?? []
    }

    /// The tenant's traces of which this block holds a span that matches, at their earliest start here, in no order.
    /// Reads every chunk of the tenant once.
    func traces(of tenant: TenantID, matching filter: SpanFilter) throws -> [TracePosition] {
        var found: [TracePosition] = []
        var held: BlockChunk?
        var cursor = try traceCursor(from: TraceKey.range(of: tenant).lowerBound)
        while let row = try nextTrace(&cursor), row.key.tenant == tenant {
            let chunk = try held.flatMap { $0.offset == row.chunk ? $0 : nil } ?? chunk(at: row.chunk)
            held = chunk
            if try chunk.spans(of: row).contains(where: filter.matches) {
                found.append(
                    TracePosition(startTimeUnixNano: row.firstStartUnixNano, traceID: row.key.traceID))
            }
        }
        return found
    }

    func traceCursor(from key: TraceKey) throws -> PagedTableCursor {
        let table = footer.traces
        return PagedTableCursor(table, at: try table.lowerBound(BlockTraceRow.encodedKey(key), in: file))
    }

    func nextTrace(_ cursor: inout PagedTableCursor) throws -> BlockTraceRow? {
        try cursor.next(in: file).map(BlockTraceRow.init)
    }

    /// The tenant's traces from `start` on, latest first.
    func timeCursor(of tenant: TenantID, from start: TracePosition) throws -> PagedTableCursor {
        let table = footer.times
        return PagedTableCursor(table, at: try table.lowerBound(BlockTimeRow.encoded(tenant, start), in: file))
    }

    func nextStart(of tenant: TenantID, _ cursor: inout PagedTableCursor) throws -> TracePosition? {
        guard let record = try cursor.next(in: file) else { return nil }
        let row = try BlockTimeRow.decoded(record)
        return row.tenant == tenant ? row.start : nil
    }

    func chunk(at offset: UInt64) throws -> BlockChunk {
        let damage = BlockDamage(what: "the chunk at offset \(offset)")
        guard let position = Int(exactly: offset), position < size else { throw damage }
        let header = try file.read(at: position, count: BlockFormat.chunkHeaderSize)
        var reader = ByteReader(header)
        guard let compressedSize = reader.read(UInt32.self), let rawSize = reader.read(UInt32.self),
            let checksum = reader.read(UInt32.self),
            reader.read(UInt32.self) == (unsafe CRC32C.checksum(header.span.bytes.extracting(0..<12)))
        else { throw damage }
        let compressed = try file.read(at: position + BlockFormat.chunkHeaderSize, count: Int(compressedSize))
        guard unsafe CRC32C.checksum(compressed.span.bytes) == checksum else { throw damage }
        return try BlockChunk(
            offset: offset, bytes: try unsafe Zstd.decompress(compressed.span.bytes, size: Int(rawSize)))
    }
}
