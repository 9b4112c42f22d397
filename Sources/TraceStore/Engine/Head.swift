import OTLP

/// One appended request in memory: its bytes are shared with whoever reads them.
final class HeadBatch: Sendable {
    let tenant: TenantID
    let origin: SpanOrigin
    let bytes: [UInt8]
    let outline: TraceRequestOutline

    init(_ batch: SpanBatch) {
        self.tenant = batch.tenant
        self.origin = batch.origin
        self.bytes = batch.bytes
        self.outline = batch.outline
    }

    /// Copies one span out, with the bytes around it.
    func storedSpan(_ index: Int) -> StoredSpan {
        let span = outline.spans[index]
        let group = outline.groups[span.group]
        let envelope = SpanEnvelope(
            request: envelopeBytes(outline.requestEnvelope),
            resource: envelopeBytes(group.resourceEnvelope),
            scope: envelopeBytes(group.scopeEnvelope),
            serviceName: String(decoding: bytes[group.serviceName], as: UTF8.self))
        return StoredSpan(
            span, nameBytes: bytes[span.name], message: [UInt8](bytes[span.bytes]), origin: origin, envelope: envelope)
    }

    private func envelopeBytes(_ ranges: Range<Int>) -> [UInt8] {
        bytes.withBytes { outline.envelope(ranges, of: $0) }
    }
}

/// The newest spans, in memory, over the bytes that the journal made durable.
///
/// A value: the engine keeps the live one behind its lock and hands out copies of what a reader needs.
struct Head {
    /// Where a span is: its request and its place in that request's outline.
    struct SpanReference {
        var batch: UInt32
        var index: UInt32

        static let none = SpanReference(batch: .max, index: .max)
        var isNone: Bool { batch == .max }
    }

    private struct TraceEntry {
        var first: SpanReference
        var last: SpanReference
        var startTimeUnixNano: UInt64
    }

    /// The journal files whose frames are in here.
    var journals: ClosedRange<UInt64>
    private(set) var batches: [HeadBatch] = []
    private(set) var spanCount = 0
    /// An estimate of the memory in use, in bytes: what the head's limit is compared with.
    private(set) var memory = 0
    private var traces: [TraceKey: TraceEntry] = [:]
    /// For each span the next one of the same trace, parallel to `batches`.
    private var links: [[SpanReference]] = []

    init(journal: UInt64) {
        self.journals = journal...journal
    }

    var isEmpty: Bool { spanCount == 0 }

    /// The memory that a batch will take, counting its outline and index entries.
    static func memory(of batch: SpanBatch) -> Int {
        let perSpan = MemoryLayout<TraceRequestOutline.Span>.stride + MemoryLayout<SpanReference>.stride + 64
        return batch.bytes.count + batch.outline.spans.count * perSpan + 512
    }

    mutating func insert(_ batch: SpanBatch) {
        guard !batch.outline.spans.isEmpty else { return }
        let number = UInt32(batches.count)
        batches.append(HeadBatch(batch))
        links.append(Array(repeating: .none, count: batch.outline.spans.count))
        for (index, span) in batch.outline.spans.enumerated() {
            let reference = SpanReference(batch: number, index: UInt32(index))
            link(reference, start: span.startTimeUnixNano, to: TraceKey(tenant: batch.tenant, traceID: span.traceID))
        }
        spanCount += batch.outline.spans.count
        memory += Self.memory(of: batch)
    }

    private mutating func link(_ reference: SpanReference, start: UInt64, to key: TraceKey) {
        let previous = { (entry: inout TraceEntry?) -> SpanReference in
            guard var known = entry else {
                entry = TraceEntry(first: reference, last: reference, startTimeUnixNano: start)
                return .none
            }
            defer { entry = known }
            let last = known.last
            known.last = reference
            known.startTimeUnixNano = min(known.startTimeUnixNano, start)
            return last
        }(&traces[key])
        if !previous.isNone { links[Int(previous.batch)][Int(previous.index)] = reference }
    }

    /// The spans of a trace in order of arrival, as places to copy from once the lock is released.
    func spans(of key: TraceKey) -> [(batch: HeadBatch, index: Int)] {
        var found: [(HeadBatch, Int)] = []
        var next = traces[key]?.first ?? .none
        while !next.isNone {
            found.append((batches[Int(next.batch)], Int(next.index)))
            next = links[Int(next.batch)][Int(next.index)]
        }
        return found
    }

    /// The tenant's traces with the start of their earliest span here, in no order.
    func traceStarts(of tenant: TenantID) -> [TracePosition] {
        traces.compactMap { key, entry in
            key.tenant == tenant
                ? TracePosition(startTimeUnixNano: entry.startTimeUnixNano, traceID: key.traceID) : nil
        }
    }

    /// Every trace, in key order.
    func sortedKeys() -> [TraceKey] { traces.keys.sorted() }

    /// The tenant's traces from `first` on, in key order.
    func sortedKeys(of tenant: TenantID, from first: TraceID) -> [TraceKey] {
        traces.keys.filter { $0.tenant == tenant && !($0.traceID < first) }.sorted()
    }

    func storedSpans(of key: TraceKey) -> [StoredSpan] {
        spans(of: key).map { $0.batch.storedSpan($0.index) }
    }
}
