import Foundation
import Logging
import OTLP
import TestSupport
import Testing

@testable import TraceStore

let tenantA = TenantID(high: 1, low: 1)
let tenantB = TenantID(high: 2, low: 2)

extension EmbeddedSpanStore {
    /// A store that says nothing.
    static func open(
        _ folder: String, headBytes: Int = 1 << 20, queueBytes: Int = 256 << 20, system: FileSystem = FileSystem()
    ) throws -> EmbeddedSpanStore {
        var options = Options()
        options.headBytesMax = headBytes
        options.queueBytesMax = queueBytes
        return try EmbeddedSpanStore(
            folder: folder, options: options, system: system,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    func append(
        _ spans: [SpanStub], service: String = "shop", tenant: TenantID = tenantA, origin: SpanOrigin = .ingested
    ) async throws {
        try await append(
            try SpanBatch(validating: requestStub(service: service, spans), tenant: tenant, origin: origin))
    }

    /// Every span of an export, in order.
    func exported(_ query: ExportQuery = ExportQuery(tenant: tenantA)) async throws -> [StoredSpan] {
        let export = try await self.export(query)
        var spans: [StoredSpan] = []
        while let traces = try await export.next(byteCount: 1000) {
            spans += traces.flatMap(\.spans).map(\.span)
        }
        return spans
    }

    /// All pages of a search, `limit` traces each.
    func listed(limit: Int = 100, _ change: (inout TraceQuery) -> Void = { _ in }) async throws -> [TraceSummary] {
        var query = TraceQuery(tenant: tenantA, limit: limit)
        change(&query)
        var traces: [TraceSummary] = []
        while true {
            let page = try await search(query)
            #expect(page.traces.count <= limit)
            traces += page.traces
            guard let next = page.next else { return traces }
            query.after = next
        }
    }

    /// Returns once nothing waits to be sealed.
    func untilSealed(blocks: Int) async {
        while statistics().blocks < blocks || statistics().frozenHeads > 0 { await Task.yield() }
    }
}

/// Appends batches until the head has been sealed into at least `count` blocks; returns their spans.
func fill(_ store: EmbeddedSpanStore, blocks count: Int, firstTrace: UInt64 = 1) async throws -> [SpanStub] {
    var all: [SpanStub] = []
    var trace = firstTrace
    let existing = store.statistics().blocks
    while store.statistics().blocks < existing + count {
        let spans = (1...20).map { number in
            SpanStub(trace: trace, span: UInt64(number)).with {
                $0.start = trace * 1000 + UInt64(number)
                $0.end = $0.start + 500
                $0.attributes = [("payload", String(repeating: "x", count: 200))]
            }
        }
        try await store.append(spans)
        all += spans
        trace += 1
    }
    return all
}

/// Copies a store's files while it runs: what a disk holds when the process is killed at that moment.
func crashImage(of folder: String, at path: String) throws {
    try FileManager.default.copyItem(atPath: folder, toPath: path)
}

/// The files in a folder that end in `suffix`, sorted.
func files(in folder: String, _ suffix: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(suffix) }.sorted()
        .map { "\(folder)/\($0)" }
}

/// Flips every bit of one byte of a file.
func damage(_ path: String, at offset: Int) throws {
    var bytes = try Data(contentsOf: URL(filePath: path))
    bytes[offset] ^= 0xFF
    try bytes.write(to: URL(filePath: path))
}
