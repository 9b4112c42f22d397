import Foundation
import Logging
import OTLP
import Synchronization
import TraceStore

/// A span store that refuses when it is told to, and holds up those who append until they may go on.
final class SpanStoreStub: SpanStore {
    private struct State {
        var refusals = 0
        var batches: [SpanBatch] = []
    }

    private let store: EmbeddedSpanStore
    private let state = Mutex(State())

    init(_ store: EmbeddedSpanStore) {
        self.store = store
    }

    /// What was appended or refused so far.
    var batches: [SpanBatch] { state.withLock(\.batches) }

    /// Refuses the next so many batches.
    func refuse(_ count: Int) {
        state.withLock { $0.refusals = count }
    }

    func append(_ batch: SpanBatch) async throws(TraceStoreError) {
        let isRefused = state.withLock { state in
            state.batches.append(batch)
            defer { state.refusals = max(0, state.refusals - 1) }
            return state.refusals > 0
        }
        guard !isRefused else { throw TraceStoreError(.overloaded, "not now") }
        try await store.append(batch)
    }

    func trace(_ id: TraceID, of tenant: TenantID) async throws(TraceStoreError) -> Trace? {
        try await store.trace(id, of: tenant)
    }

    func search(_ query: TraceQuery) async throws(TraceStoreError) -> TracePage {
        try await store.search(query)
    }

    func export(_ query: ExportQuery) async throws(TraceStoreError) -> any SpanExport {
        try await store.export(query)
    }

    func statistics() -> StoreStatistics { store.statistics() }
}

/// Runs a test with a span store in a folder of its own.
func withSpanStore(_ test: (SpanStoreStub) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    let store = try EmbeddedSpanStore(folder: folder.path("spans"), logger: .silent)
    try await test(SpanStoreStub(store))
    await withCheckedContinuation { continuation in
        Thread {
            store.close()
            continuation.resume()
        }.start()
    }
    withExtendedLifetime(folder) {}
}

extension Logger {
    static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
}
