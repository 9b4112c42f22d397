import Foundation
import OTLP
import TestSupport
import Testing

@testable import TraceStore

/// What a start finds after a crash, a torn write, or damage.
@Suite(.timeLimit(.minutes(2))) struct RecoveryTests {
    /// Appends `count` spans in as many frames and returns where each frame begins and the last one ends.
    private func frames(_ count: Int, in folder: String) async throws -> (stubs: [SpanStub], edges: [Int]) {
        let store = try EmbeddedSpanStore.open(folder, headBytes: 64 << 10)
        let stubs = (1...count).map { SpanStub(trace: UInt64($0), span: 1) }
        var edges = [JournalFormat.headerSize]
        for stub in stubs {
            try await store.append([stub])
            let batch = try SpanBatch(validating: requestStub([stub]), tenant: tenantA)
            edges.append(edges[edges.count - 1] + JournalFrame.size(of: [batch]))
        }
        store.close()
        return (stubs, edges)
    }

    private func reopened(_ folder: String) async throws -> (spans: [SpanStub.ID], damage: [String]) {
        let store = try EmbeddedSpanStore.open(folder, headBytes: 64 << 10)
        defer { store.close() }
        return (try await store.exported().map(\.traceID.low), store.statistics().damage)
    }

    @Test func `what was acknowledged is there after a kill, blocks or not`() async throws {
        try await withTemporaryFolder { folder in
            let store = try EmbeddedSpanStore.open("\(folder)/live", headBytes: 64 << 10)
            defer { store.close() }
            var sent = try await fill(store, blocks: 1)
            await store.untilSealed(blocks: 1)
            let last = SpanStub(trace: 9_999_999, span: 1)
            try await store.append([last])
            sent.append(last)
            try crashImage(of: "\(folder)/live", at: "\(folder)/image")
            let restarted = try EmbeddedSpanStore.open("\(folder)/image", headBytes: 64 << 10)
            defer { restarted.close() }
            #expect(try await restarted.exported().map(\.message) == sent.map(\.message))
        }
    }

    @Test func `a last frame torn at any point takes nothing but itself`() async throws {
        try await withTemporaryFolder { folder in
            let (stubs, edges) = try await frames(3, in: folder)
            let journal = try #require(try files(in: "\(folder)/journal", ".journal").first)
            let whole = try Data(contentsOf: URL(filePath: journal))
            for cut in stride(from: edges[2], to: edges[3] - 16, by: 16) {
                var torn = whole
                torn.resetBytes(in: cut..<edges[3])
                try torn.write(to: URL(filePath: journal))
                let (spans, damage) = try await reopened(folder)
                let frameHolds = whole[cut..<edges[3]].allSatisfy { $0 == 0 }
                #expect(spans == stubs.prefix(frameHolds ? 3 : 2).map(\.traceID.low), "cut at \(cut)")
                #expect(damage.isEmpty)
                try whole.write(to: URL(filePath: journal))
            }
        }
    }

    @Test func `new frames go over a torn one and survive`() async throws {
        try await withTemporaryFolder { folder in
            let (_, edges) = try await frames(3, in: folder)
            let journal = try #require(try files(in: "\(folder)/journal", ".journal").first)
            try damage(journal, at: edges[2] + 50)
            let store = try EmbeddedSpanStore.open(folder, headBytes: 64 << 10)
            try await store.append([SpanStub(trace: 50, span: 1)])
            store.close()
            #expect(try await reopened(folder).spans == [1, 2, 50])
        }
    }

    @Test func `damage in front of whole frames is reported and the rest served`() async throws {
        for offset in [0, 20, 45] {
            try await withTemporaryFolder { folder in
                let (_, edges) = try await frames(4, in: folder)
                let journal = try #require(try files(in: "\(folder)/journal", ".journal").first)
                try damage(journal, at: edges[1] + offset)
                let (spans, damage) = try await reopened(folder)
                #expect(spans == [1, 3, 4])
                #expect(damage.count == 1)
                #expect(damage.first?.contains("frames 2 to 2") == true)
            }
        }
    }

    @Test func `a journal whose header is damaged is set aside and reported`() async throws {
        try await withTemporaryFolder { folder in
            _ = try await frames(2, in: folder)
            let journal = try #require(try files(in: "\(folder)/journal", ".journal").first)
            try damage(journal, at: 3)
            let (spans, damage) = try await reopened(folder)
            #expect(spans.isEmpty)
            #expect(damage.first?.contains("header") == true)
            #expect(try files(in: "\(folder)/journal", ".damaged").count == 1)
        }
    }

    @Test func `frames of a recycled file's former life are never taken for new ones`() async throws {
        try await withTemporaryFolder { folder in
            let store = try EmbeddedSpanStore.open(folder, headBytes: 64 << 10)
            _ = try await fill(store, blocks: 4)
            await store.untilSealed(blocks: 4)
            let count = try await store.exported().count
            store.close()
            let again = try EmbeddedSpanStore.open(folder, headBytes: 64 << 10)
            #expect(try await again.exported().count == count)
            let inHead = again.statistics().headSpans
            #expect(inHead + again.statistics().blockSpans == count)
            again.close()
        }
    }

    @Test func `a journal that a block already holds is not read twice`() async throws {
        try await withTemporaryFolder { folder in
            let refusing = FileSystem { operation, path in
                // As if the process died between the block's rename and the journal's recycling.
                (operation == .rename || operation == .remove) && path.hasSuffix(".journal") ? EIO : nil
            }
            let store = try EmbeddedSpanStore.open(folder, headBytes: 64 << 10, system: refusing)
            let sent = try await fill(store, blocks: 2)
            await store.untilSealed(blocks: 2)
            store.close()
            let again = try EmbeddedSpanStore.open(folder, headBytes: 64 << 10)
            defer { again.close() }
            #expect(again.statistics().headSpans + again.statistics().blockSpans == sent.count)
            #expect(try await again.exported().count == sent.count)
        }
    }

    @Test func `a block with a damaged footer is set aside, reported, and the rest served`() async throws {
        try await withTemporaryFolder { folder in
            let store = try EmbeddedSpanStore.open(folder, headBytes: 64 << 10)
            let sent = try await fill(store, blocks: 2)
            await store.untilSealed(blocks: 2)
            let blockSpans = store.statistics().blockSpans
            store.close()
            let block = try #require(try files(in: "\(folder)/blocks", ".block").first)
            let size = try Data(contentsOf: URL(filePath: block)).count
            try damage(block, at: size - 40)
            for _ in 0..<2 {
                let again = try EmbeddedSpanStore.open(folder, headBytes: 64 << 10)
                let left = try await again.exported().count
                #expect(left > 0 && left < sent.count)
                #expect(again.statistics().damage.count == 1)
                #expect(again.statistics().blockSpans < blockSpans)
                again.close()
            }
        }
    }

    @Test func `no flipped byte of a block is served or fatal`() async throws {
        try await withTemporaryFolder { folder in
            let store = try EmbeddedSpanStore.open("\(folder)/good", headBytes: 64 << 10)
            let sent = try await fill(store, blocks: 1)
            await store.untilSealed(blocks: 1)
            store.close()
            let valid = Set(sent.map(\.message))
            let block = try #require(try files(in: "\(folder)/good/blocks", ".block").first)
            let size = try Data(contentsOf: URL(filePath: block)).count
            for offset in stride(from: 8, to: size, by: max(1, size / 150)) {
                let copy = "\(folder)/bad-\(offset)"
                try crashImage(of: "\(folder)/good", at: copy)
                try damage(try #require(try files(in: "\(copy)/blocks", ".block").first), at: offset)
                let again = try EmbeddedSpanStore.open(copy, headBytes: 64 << 10)
                let exported = try await again.exported().map(\.message)
                _ = try await again.listed()
                #expect(Set(exported).isSubset(of: valid))
                #expect(Set(exported).count == exported.count)
                #expect(again.statistics().damage.count == 1, "offset \(offset) of \(size)")
                again.close()
                try FileManager.default.removeItem(atPath: copy)
            }
        }
    }

    @Test func `a second store on the same folder is refused, and admitted after the first is gone`() async throws {
        try await withTemporaryFolder { folder in
            try {
                let first = try EmbeddedSpanStore.open(folder)
                #expect(throws: TraceStoreError(.locked, "")) { try EmbeddedSpanStore.open(folder) }
                first.close()
            }()
            try EmbeddedSpanStore.open(folder).close()
        }
    }
}

extension SpanStub {
    fileprivate typealias ID = UInt64
}
