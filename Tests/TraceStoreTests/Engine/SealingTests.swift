import Foundation
import OTLP
import TestSupport
import Testing

@testable import TraceStore

/// Reads over heads and blocks together.
@Suite(.timeLimit(.minutes(2))) struct SealingTests {
    @Test func `an export gives every span exactly once, in order, from blocks and heads`() async throws {
        try await withTemporaryFolder { folder in
            let store = try EmbeddedSpanStore.open(folder, headBytes: 64 << 10)
            defer { store.close() }
            let sent = try await fill(store, blocks: 3)
            let spans = try await store.exported()
            #expect(spans.map(\.message) == sent.map(\.message))
            #expect(store.statistics().blockSpans > 0)
        }
    }

    @Test func `the list is newest first over blocks and heads, page by page`() async throws {
        try await withTemporaryFolder { folder in
            let store = try EmbeddedSpanStore.open(folder, headBytes: 64 << 10)
            defer { store.close() }
            let sent = try await fill(store, blocks: 3)
            let expected = Array(Set(sent.map(\.traceID))).sorted().reversed().map(\.hex)
            #expect(try await store.listed(limit: 100).map(\.traceID.hex) == expected)
            #expect(try await store.listed(limit: 7).map(\.traceID.hex) == expected)
        }
    }

    @Test func `a trace spread over blocks is listed once, where it really began`() async throws {
        try await withTemporaryFolder { folder in
            let store = try EmbeddedSpanStore.open(folder, headBytes: 64 << 10)
            defer { store.close() }
            let late = SpanStub(trace: 999_999, span: 2).with { $0.start = 50_000_000 }
            try await store.append([late])
            _ = try await fill(store, blocks: 1)
            let early = late.with {
                $0.spanID = SpanID(rawValue: 1)
                $0.start = 5
            }
            try await store.append([early])
            _ = try await fill(store, blocks: 1, firstTrace: 1000)
            for limit in [1, 3, 100] {
                let listed = try await store.listed(limit: limit)
                #expect(listed.filter { $0.traceID == late.traceID }.count == 1)
                #expect(listed.last?.traceID == late.traceID)
                #expect(listed.last?.spanCount == 2)
                #expect(Set(listed.map(\.traceID)).count == listed.count)
            }
            #expect(try await store.trace(late.traceID, of: tenantA)?.spans.map(\.spanID.rawValue) == [1, 2])
        }
    }

    @Test func `a resend collapses across blocks`() async throws {
        try await withTemporaryFolder { folder in
            let store = try EmbeddedSpanStore.open(folder, headBytes: 64 << 10)
            defer { store.close() }
            let span = SpanStub(trace: 5_000_000, span: 1)
            for round in 0..<3 {
                try await store.append([span])
                _ = try await fill(store, blocks: 1, firstTrace: UInt64(1 + round * 10_000))
            }
            #expect(try await store.trace(span.traceID, of: tenantA)?.spans.count == 1)
            #expect(try await store.exported().filter { $0.traceID == span.traceID }.count == 1)
        }
    }

    @Test func `time bounds cut list and export at the start of trace and span`() async throws {
        try await withTemporaryFolder { folder in
            let store = try EmbeddedSpanStore.open(folder, headBytes: 64 << 10)
            defer { store.close() }
            let sent = try await fill(store, blocks: 2)
            let (from, to) = (sent[sent.count / 4].start, sent[sent.count / 2].start)
            var query = ExportQuery(tenant: tenantA)
            (query.start, query.end) = (from, to)
            let wanted = sent.filter { $0.start >= from && $0.start < to }
            #expect(try await store.exported(query).map(\.message) == wanted.map(\.message))
            let starts = Dictionary(grouping: sent, by: \.traceID).compactMapValues { $0.map(\.start).min() }
            let expected = starts.filter { $0.value >= from && $0.value < to }.keys.sorted().reversed().map(\.hex)
            #expect(try await store.listed(limit: 3) { ($0.start, $0.end) = (from, to) }.map(\.traceID.hex) == expected)
        }
    }

    @Test func `pages of an export join to the whole`() async throws {
        try await withTemporaryFolder { folder in
            let store = try EmbeddedSpanStore.open(folder, headBytes: 64 << 10)
            defer { store.close() }
            _ = try await fill(store, blocks: 1)
            let twin = SpanStub(trace: 3, span: 9)
            try await store.append([twin, twin.with { $0.name = "a" }, twin.with { $0.name = "b" }])
            let whole = try await store.exported().map(\.message)
            var pages: [[UInt8]] = []
            var query = ExportQuery(tenant: tenantA)
            while let page = try await store.export(query).next(byteCount: 1)?.first?.spans.prefix(2), !page.isEmpty {
                pages += page.map(\.span.message)
                query.after = page.last?.position
            }
            #expect(pages == whole)
        }
    }

    @Test func `an export is of one moment while spans go on arriving`() async throws {
        try await withTemporaryFolder { folder in
            let store = try EmbeddedSpanStore.open(folder, headBytes: 64 << 10)
            defer { store.close() }
            let before = try await fill(store, blocks: 1)
            let export = try await store.export(ExportQuery(tenant: tenantA))
            var spans: [[UInt8]] = []
            var next: UInt64 = 1_000_000
            while let traces = try await export.next(byteCount: 2000) {
                spans += traces.flatMap(\.spans).map(\.span.message)
                _ = try await fill(store, blocks: 1, firstTrace: next)
                next += 100_000
                if spans.count > before.count { break }
            }
            #expect(spans == before.map(\.message))
        }
    }

    @Test func `random batches, seals and restarts lose and invent nothing`() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        try await withTemporaryFolder { folder in
            var store = try EmbeddedSpanStore.open(folder, headBytes: 48 << 10)
            var sent: Set<[UInt8]> = []
            for _ in 0..<300 {
                let spans = (0..<Int.random(in: 1...30, using: &generator)).map { _ in
                    SpanStub(
                        trace: .random(in: 1...200, using: &generator), span: .random(in: 1...5, using: &generator)
                    ).with {
                        $0.start = .random(in: 0...1000, using: &generator)
                        $0.attributes = [("k", String(repeating: "v", count: .random(in: 0...300, using: &generator)))]
                    }
                }
                try await store.append(spans)
                sent.formUnion(spans.map(\.message))
                if Int.random(in: 0..<40, using: &generator) == 0 {
                    store.close()
                    store = try EmbeddedSpanStore.open(folder, headBytes: 48 << 10)
                }
            }
            let exported = try await store.exported().map(\.message)
            #expect(Set(exported) == sent, "seed \(seed)")
            #expect(exported.count == sent.count, "seed \(seed)")
            let listed = try await store.listed(limit: 13)
            let positions = listed.map { TracePosition(startTimeUnixNano: $0.startTimeUnixNano, traceID: $0.traceID) }
            #expect(positions == positions.sorted(by: TracePosition.isListedBefore), "seed \(seed)")
            #expect(Set(listed.map(\.traceID)).count == listed.count, "seed \(seed)")
            #expect(listed.reduce(0) { $0 + $1.spanCount } == sent.count, "seed \(seed)")
            #expect(store.statistics().blocks > 2)
            store.close()
        }
    }
}

/// Lists with a filter over blocks and heads.
@Suite(.timeLimit(.minutes(2))) struct FilteredListTests {
    @Test func `a trace whose matching span came later than its first is listed where it began`() async throws {
        try await withTemporaryFolder { folder in
            let store = try EmbeddedSpanStore.open(folder, headBytes: 64 << 10)
            defer { store.close() }
            let first = SpanStub(trace: 500_000, span: 1).with { $0.start = 3 }
            try await store.append([first])
            _ = try await fill(store, blocks: 1)
            let matching = first.with {
                $0.spanID = SpanID(rawValue: 2)
                $0.start = 900_000_000
                $0.attributes = [("rare", "yes")]
            }
            try await store.append([matching])
            let newer = SpanStub(trace: 600_000, span: 1).with {
                $0.start = 800_000_000
                $0.attributes = [("rare", "yes")]
            }
            try await store.append([newer])
            _ = try await fill(store, blocks: 1, firstTrace: 1000)
            for limit in [1, 2, 100] {
                let listed = try await store.listed(limit: limit) {
                    $0.filter.attributes = [.init(key: "rare", value: "yes")]
                }
                #expect(listed.map(\.traceID) == [newer.traceID, first.traceID], "pages of \(limit)")
            }
        }
    }

    @Test func `pages of a filtered list join to what the filter lets through`() async throws {
        try await withTemporaryFolder { folder in
            let store = try EmbeddedSpanStore.open(folder, headBytes: 64 << 10)
            defer { store.close() }
            let sent = try await fill(store, blocks: 3)
            let bound = sent[sent.count / 3].start
            for limit in [3, 100] {
                let listed = try await store.listed(limit: limit) {
                    $0.filter.service = "shop"
                    $0.end = bound
                }
                let starts = Dictionary(grouping: sent, by: \.traceID).compactMapValues { $0.map(\.start).min() }
                let expected = starts.filter { $0.value < bound }.keys.sorted().reversed().map(\.hex)
                #expect(listed.map(\.traceID.hex) == expected)
            }
            #expect(try await store.listed { $0.filter.service = "none" }.isEmpty)
        }
    }
}
