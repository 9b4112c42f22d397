import OTLP
import TestSupport
import Testing

@testable import TraceStore

/// What every span store promises.
@Suite struct SpanStoreContractTests {
    @Test func `a stored span is readable by the next call, byte for byte`() async throws {
        try await withTemporaryFolder { folder in
            let store = try EmbeddedSpanStore.open(folder)
            defer { store.close() }
            let stub = SpanStub(trace: 7, span: 8).with { $0.attributes = [("a", "b")] }
            try await store.append([stub])
            let trace = try #require(try await store.trace(stub.traceID, of: tenantA))
            #expect(trace.spans.map(\.message) == [stub.message])
            #expect(trace.spans.first?.envelope.serviceName == "shop")
            #expect(!trace.hasConflict)
            #expect(try await store.exported().map(\.message) == [stub.message])
            #expect(try await store.listed().map(\.traceID) == [stub.traceID])
        }
    }

    @Test func `one trace id of two tenants never meets`() async throws {
        try await withTemporaryFolder { folder in
            let store = try EmbeddedSpanStore.open(folder)
            defer { store.close() }
            let mine = SpanStub(trace: 1, span: 1).with { $0.name = "mine" }
            let theirs = SpanStub(trace: 1, span: 2).with { $0.name = "theirs" }
            try await store.append([mine], tenant: tenantA)
            try await store.append([theirs], tenant: tenantB)
            #expect(try await store.trace(mine.traceID, of: tenantA)?.spans.map(\.name) == ["mine"])
            #expect(try await store.exported(ExportQuery(tenant: tenantB)).map(\.name) == ["theirs"])
            #expect(try await store.listed().map(\.operation) == ["mine"])
        }
    }

    @Test func `a span sent again collapses, other content under its ids is kept and said`() async throws {
        try await withTemporaryFolder { folder in
            let store = try EmbeddedSpanStore.open(folder)
            defer { store.close() }
            let span = SpanStub(trace: 1, span: 1)
            try await store.append([span, span])
            try await store.append([span])
            var trace = try #require(try await store.trace(span.traceID, of: tenantA))
            #expect(trace.spans.count == 1)
            #expect(!trace.hasConflict)

            try await store.append([span.with { $0.name = "other" }])
            try await store.append([span], service: "elsewhere")
            trace = try #require(try await store.trace(span.traceID, of: tenantA))
            #expect(trace.spans.count == 3)
            #expect(trace.hasConflict)
            #expect(try await store.exported().count == 3)
        }
    }

    @Test func `what a client pushed and what the gateway made never collapse`() async throws {
        try await withTemporaryFolder { folder in
            let store = try EmbeddedSpanStore.open(folder)
            defer { store.close() }
            let span = SpanStub(trace: 1, span: 1)
            try await store.append([span], origin: .ingested)
            try await store.append([span], origin: .gateway)
            let trace = try #require(try await store.trace(span.traceID, of: tenantA))
            #expect(trace.spans.map(\.origin) == [.ingested, .gateway])
            #expect(!trace.hasConflict)
        }
    }

    @Test func `children before parents and a late root make the right trace`() async throws {
        try await withTemporaryFolder { folder in
            let store = try EmbeddedSpanStore.open(folder)
            defer { store.close() }
            let root = SpanStub(trace: 1, span: 1).with {
                $0.name = "root"
                $0.start = 100
                $0.end = 900
            }
            let child = SpanStub(trace: 1, span: 2).with {
                $0.name = "child"
                $0.parentSpanID = root.spanID
                $0.start = 200
                $0.end = 1000
                $0.status = 2
            }
            try await store.append([child], service: "backend")
            var trace = try #require(try await store.listed().first)
            #expect(trace.operation == "child" && trace.service == "backend" && trace.startTimeUnixNano == 200)
            try await store.append([root], service: "frontend")
            trace = try #require(try await store.listed().first)
            #expect(trace.operation == "root" && trace.service == "frontend")
            #expect(trace.startTimeUnixNano == 100 && trace.durationNano == 900 && trace.spanCount == 2)
            #expect(trace.status == .error)
        }
    }

    @Test func `filters hold for one span at a time`() async throws {
        try await withTemporaryFolder { folder in
            let store = try EmbeddedSpanStore.open(folder)
            defer { store.close() }
            let fast = SpanStub(trace: 1, span: 1).with {
                $0.name = "fast"
                $0.end = $0.start + 10
                $0.attributes = [("user", "ada")]
            }
            let slow = SpanStub(trace: 2, span: 1).with {
                $0.name = "slow"
                $0.kind = 2
                $0.status = 1
            }
            try await store.append([fast], service: "one")
            try await store.append([slow], service: "two")
            func found(_ change: (inout SpanFilter) -> Void) async throws -> [String] {
                try await store.listed { change(&$0.filter) }.map(\.operation).sorted()
            }
            #expect(try await found { _ in } == ["fast", "slow"])
            #expect(try await found { $0.service = "one" } == ["fast"])
            #expect(try await found { $0.operation = "slow" } == ["slow"])
            #expect(try await found { $0.kind = 2 } == ["slow"])
            #expect(try await found { $0.status = .ok } == ["slow"])
            #expect(try await found { $0.minDurationNano = 11 } == ["slow"])
            #expect(try await found { $0.maxDurationNano = 10 } == ["fast"])
            #expect(try await found { $0.attributes = [.init(key: "user", value: "ada")] } == ["fast"])
            #expect(try await found { $0.attributes = [.init(key: "service.name", value: "two")] } == ["slow"])
            #expect(try await found { $0.attributes = [.init(key: "user", value: "bob")] } == [])
            #expect(
                try await found {
                    $0.service = "one"
                    $0.kind = 2
                } == [])
            #expect(try await found { $0.origin = .gateway } == [])
        }
    }
}
