import OTLP

/// The uncompressed content of a chunk: the envelopes that its spans share, then the traces.
struct BlockChunkBuilder {
    private var envelopes: [SpanEnvelope: UInt32] = [:]
    private var envelopeBytes: [UInt8] = []
    private var traces: [UInt8] = []

    var isEmpty: Bool { traces.isEmpty }
    var size: Int { envelopeBytes.count + traces.count + 8 }

    /// Adds a trace and returns its offset behind the envelopes.
    mutating func append(_ spans: [StoredSpan]) -> UInt32 {
        let offset = UInt32(traces.count)
        for span in spans {
            traces.append(littleEndian: envelopeIndex(span.envelope))
            traces.append(span.origin.rawValue)
            traces.append(lengthPrefixed: span.message)
        }
        return offset
    }

    private mutating func envelopeIndex(_ envelope: SpanEnvelope) -> UInt32 {
        if let known = envelopes[envelope] { return known }
        let index = UInt32(envelopes.count)
        envelopes[envelope] = index
        envelopeBytes.append(lengthPrefixed: envelope.request)
        envelopeBytes.append(lengthPrefixed: envelope.resource)
        envelopeBytes.append(lengthPrefixed: envelope.scope)
        envelopeBytes.append(lengthPrefixed: [UInt8](envelope.serviceName.utf8))
        return index
    }

    /// The chunk's bytes; the builder is empty afterwards.
    mutating func finish() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        bytes.append(littleEndian: UInt32(envelopes.count))
        bytes.append(lengthPrefixed: envelopeBytes)
        bytes.append(contentsOf: traces)
        self = BlockChunkBuilder()
        return bytes
    }
}

/// A chunk read back.
struct BlockChunk {
    let offset: UInt64
    private let bytes: [UInt8]
    private let envelopes: [SpanEnvelope]
    private let tracesStart: Int

    init(offset: UInt64, bytes: [UInt8]) throws {
        var reader = ByteReader(bytes)
        guard let count = reader.read(UInt32.self), let size = reader.read(UInt32.self) else {
            throw BlockDamage(what: "the chunk at offset \(offset)")
        }
        var envelopes: [SpanEnvelope] = []
        for _ in 0..<count {
            guard let request = reader.readLengthPrefixed(), let resource = reader.readLengthPrefixed(),
                let scope = reader.readLengthPrefixed(), let service = reader.readLengthPrefixed()
            else { throw BlockDamage(what: "the chunk at offset \(offset)") }
            envelopes.append(
                SpanEnvelope(
                    request: request, resource: resource, scope: scope,
                    serviceName: String(decoding: service, as: UTF8.self)))
        }
        guard reader.offset == 8 + Int(size) else { throw BlockDamage(what: "the chunk at offset \(offset)") }
        self.offset = offset
        self.bytes = bytes
        self.envelopes = envelopes
        self.tracesStart = reader.offset
    }

    func spans(of row: BlockTraceRow) throws -> [StoredSpan] {
        var reader = ByteReader(bytes, at: tracesStart + Int(row.offsetInChunk))
        var spans: [StoredSpan] = []
        spans.reserveCapacity(min(Int(row.spanCount), reader.remaining))
        for _ in 0..<row.spanCount {
            guard let envelope = reader.read(UInt32.self), Int(envelope) < envelopes.count,
                let origin = reader.read(UInt8.self).flatMap(SpanOrigin.init(rawValue:)),
                let message = reader.readLengthPrefixed()
            else { throw BlockDamage(what: "a trace in the chunk at offset \(offset)") }
            spans.append(try StoredSpan(message: message, origin: origin, envelope: envelopes[Int(envelope)]))
        }
        return spans
    }
}
