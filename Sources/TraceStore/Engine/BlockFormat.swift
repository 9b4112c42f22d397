import Checksum
import OTLP

/// The block file's bytes, version 1; `docs/span-store.md` describes them for people.
///
/// Chunks of compressed traces in key order, an index by trace, an index by time, a footer, a fixed trailer.
enum BlockFormat {
    static let magic: UInt64 = 0x314B_4C42_4E48_5442  // "BTHNBLK1"
    static let version: UInt32 = 1
    static let trailerSize = 32
    static let chunkHeaderSize = 16
    /// A chunk is closed once it holds this many bytes; a trace is never split, so one chunk may be larger.
    static let chunkSize = 128 << 10

    /// Key: tenant and trace id. Then the chunk's offset in the file, the trace's offset in the chunk, its number of
    /// spans, and the first and last start of them.
    static let traceTable = PagedTable.Layout(keySize: 32, recordSize: 64)
    /// Key alone: tenant, then start and trace id inverted, so that the latest comes first.
    static let timeTable = PagedTable.Layout(keySize: 40, recordSize: 40)
}

extension [UInt8] {
    /// Big-endian, so that bytes compare as the number does.
    mutating func append(bigEndian value: UInt64) { append(littleEndian: value.byteSwapped) }
}

/// One row of the trace index.
struct BlockTraceRow {
    var key: TraceKey
    var chunk: UInt64
    var offsetInChunk: UInt32
    var spanCount: UInt32
    var firstStartUnixNano: UInt64
    var lastStartUnixNano: UInt64

    static func encodedKey(_ key: TraceKey) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(BlockFormat.traceTable.recordSize)
        bytes.append(bigEndian: key.tenant.high)
        bytes.append(bigEndian: key.tenant.low)
        bytes.append(bigEndian: key.traceID.high)
        bytes.append(bigEndian: key.traceID.low)
        return bytes
    }

    /// From the first to the last start of the trace's spans in this block.
    var starts: ClosedRange<UInt64> { firstStartUnixNano...max(firstStartUnixNano, lastStartUnixNano) }

    func encoded() -> [UInt8] {
        var bytes = Self.encodedKey(key)
        bytes.append(littleEndian: chunk)
        bytes.append(littleEndian: offsetInChunk)
        bytes.append(littleEndian: spanCount)
        bytes.append(littleEndian: firstStartUnixNano)
        bytes.append(littleEndian: lastStartUnixNano)
        return bytes
    }

    init(
        key: TraceKey, chunk: UInt64, offsetInChunk: UInt32, spanCount: UInt32, firstStartUnixNano: UInt64,
        lastStartUnixNano: UInt64
    ) {
        self.key = key
        self.chunk = chunk
        self.offsetInChunk = offsetInChunk
        self.spanCount = spanCount
        self.firstStartUnixNano = firstStartUnixNano
        self.lastStartUnixNano = lastStartUnixNano
    }

    init(_ record: ArraySlice<UInt8>) throws {
        var reader = ByteReader([UInt8](record))
        guard let tenantHigh = reader.read(UInt64.self), let tenantLow = reader.read(UInt64.self),
            let traceHigh = reader.read(UInt64.self), let traceLow = reader.read(UInt64.self),
            let chunk = reader.read(UInt64.self), let offsetInChunk = reader.read(UInt32.self),
            let spanCount = reader.read(UInt32.self), let firstStart = reader.read(UInt64.self),
            let lastStart = reader.read(UInt64.self)
        else { throw BlockDamage(what: "a trace row") }
        self.key = TraceKey(
            tenant: TenantID(high: tenantHigh.byteSwapped, low: tenantLow.byteSwapped),
            traceID: TraceID(high: traceHigh.byteSwapped, low: traceLow.byteSwapped))
        self.chunk = chunk
        self.offsetInChunk = offsetInChunk
        self.spanCount = spanCount
        self.firstStartUnixNano = firstStart
        self.lastStartUnixNano = lastStart
    }
}

/// One row of the time index.
enum BlockTimeRow {
    static func encoded(_ tenant: TenantID, _ start: TracePosition) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(BlockFormat.timeTable.recordSize)
        bytes.append(bigEndian: tenant.high)
        bytes.append(bigEndian: tenant.low)
        bytes.append(bigEndian: ~start.startTimeUnixNano)
        bytes.append(bigEndian: ~start.traceID.high)
        bytes.append(bigEndian: ~start.traceID.low)
        return bytes
    }

    static func decoded(_ record: ArraySlice<UInt8>) throws -> (tenant: TenantID, start: TracePosition) {
        var reader = ByteReader([UInt8](record))
        guard let tenantHigh = reader.read(UInt64.self), let tenantLow = reader.read(UInt64.self),
            let start = reader.read(UInt64.self), let traceHigh = reader.read(UInt64.self),
            let traceLow = reader.read(UInt64.self)
        else { throw BlockDamage(what: "a time row") }
        return (
            TenantID(high: tenantHigh.byteSwapped, low: tenantLow.byteSwapped),
            TracePosition(
                startTimeUnixNano: ~start.byteSwapped,
                traceID: TraceID(high: ~traceHigh.byteSwapped, low: ~traceLow.byteSwapped))
        )
    }
}

/// What a block says about itself; held in memory while the block is open.
struct BlockFooter {
    var spanCount: UInt64
    /// The start of its earliest and of its latest span.
    var firstStartUnixNano: UInt64
    var lastStartUnixNano: UInt64
    var traces: PagedTable
    var times: PagedTable

    var starts: ClosedRange<UInt64> { firstStartUnixNano...max(firstStartUnixNano, lastStartUnixNano) }

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: spanCount)
        bytes.append(littleEndian: firstStartUnixNano)
        bytes.append(littleEndian: lastStartUnixNano)
        for table in [traces, times] {
            bytes.append(littleEndian: UInt64(table.offset))
            bytes.append(littleEndian: UInt64(table.count))
            bytes.append(lengthPrefixed: table.fences)
        }
        return bytes
    }

    init(
        spanCount: UInt64, firstStartUnixNano: UInt64, lastStartUnixNano: UInt64, traces: PagedTable, times: PagedTable
    ) {
        self.spanCount = spanCount
        self.firstStartUnixNano = firstStartUnixNano
        self.lastStartUnixNano = lastStartUnixNano
        self.traces = traces
        self.times = times
    }

    init(_ bytes: [UInt8]) throws {
        var reader = ByteReader(bytes)
        guard let spanCount = reader.read(UInt64.self), let first = reader.read(UInt64.self),
            let last = reader.read(UInt64.self),
            let traces = Self.table(BlockFormat.traceTable, from: &reader),
            let times = Self.table(BlockFormat.timeTable, from: &reader), reader.remaining == 0
        else { throw BlockDamage(what: "the footer") }
        self.init(
            spanCount: spanCount, firstStartUnixNano: first, lastStartUnixNano: last, traces: traces, times: times)
    }

    private static func table(_ layout: PagedTable.Layout, from reader: inout ByteReader) -> PagedTable? {
        guard let offset = reader.read(UInt64.self).flatMap(Int.init(exactly:)),
            let count = reader.read(UInt64.self).flatMap(Int.init(exactly:)),
            let fences = reader.readLengthPrefixed()
        else { return nil }
        let table = PagedTable(layout: layout, offset: offset, count: count, fences: fences)
        return fences.count == table.pageCount * layout.keySize ? table : nil
    }
}
