import Checksum

/// One commit's bytes under construction: the buffer is reused from commit to commit.
struct JournalFrame {
    private(set) var bytes: [UInt8] = []
    private var recordCount: UInt32 = 0

    /// The size that a frame with these batches has on disk.
    static func size(of batches: [SpanBatch]) -> Int {
        JournalFormat.aligned(
            batches.reduce(JournalFormat.frameHeaderSize) { $0 + JournalFormat.recordHeaderSize + $1.bytes.count })
    }

    /// Fills the frame with `batches`, in order.
    mutating func fill(with batches: [SpanBatch], journal: UInt64, frame: UInt64, receivedAtUnixNano: UInt64) {
        bytes.removeAll(keepingCapacity: true)
        bytes.reserveCapacity(Self.size(of: batches))
        bytes.append(contentsOf: repeatElement(0, count: JournalFormat.frameHeaderSize))
        for batch in batches {
            JournalRecord.append(batch, receivedAtUnixNano: receivedAtUnixNano, to: &bytes)
        }
        let payloadSize = bytes.count - JournalFormat.frameHeaderSize
        let checksum = unsafe CRC32C.checksum(
            bytes.span.bytes.extracting(JournalFormat.frameHeaderSize..<bytes.count))
        JournalFrameHeader(
            journal: journal, frame: frame, payloadSize: UInt32(payloadSize), recordCount: UInt32(batches.count),
            payloadChecksum: checksum
        ).encode(into: &bytes, at: 0)
        bytes.append(contentsOf: repeatElement(0, count: JournalFormat.aligned(bytes.count) - bytes.count))
    }

    /// Gives back the memory of an unusually large commit.
    mutating func shrink(toAtMost capacity: Int) {
        if bytes.capacity > capacity { bytes = [] }
    }
}

/// One request in a frame: tenant, length, origin, time of receipt, then the request's bytes.
struct JournalRecord {
    var tenant: TenantID
    var origin: SpanOrigin
    var receivedAtUnixNano: UInt64
    var bytes: [UInt8]

    static func append(_ batch: SpanBatch, receivedAtUnixNano: UInt64, to frame: inout [UInt8]) {
        frame.append(littleEndian: batch.tenant.high)
        frame.append(littleEndian: batch.tenant.low)
        frame.append(littleEndian: UInt32(batch.bytes.count))
        frame.append(littleEndian: UInt32(batch.origin.rawValue))
        frame.append(littleEndian: receivedAtUnixNano)
        frame.append(contentsOf: batch.bytes)
    }

    /// The records of a frame's payload, or `nil` when it does not hold exactly `count` of them.
    static func records(in payload: [UInt8], count: UInt32) -> [JournalRecord]? {
        var reader = ByteReader(payload)
        var records: [JournalRecord] = []
        for _ in 0..<count {
            guard let high = reader.read(UInt64.self), let low = reader.read(UInt64.self),
                let length = reader.read(UInt32.self), let rawOrigin = reader.read(UInt32.self),
                let receivedAt = reader.read(UInt64.self),
                let origin = UInt8(exactly: rawOrigin).flatMap(SpanOrigin.init(rawValue:)),
                let range = reader.skip(Int(length))
            else { return nil }
            records.append(
                JournalRecord(
                    tenant: TenantID(high: high, low: low), origin: origin, receivedAtUnixNano: receivedAt,
                    bytes: [UInt8](payload[range])))
        }
        return reader.remaining == 0 ? records : nil
    }
}
