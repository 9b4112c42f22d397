import Accounts
import Inference
import Logging
import OTLP
import Synchronization
import TraceStore

/// The way of the gateway's own spans into the span store: many runs at a time, a moment after they ended.
///
/// Runs are durable before anybody is answered; their spans follow within the interval at which `flush` is called, and
/// are there for whoever reads after a flush. What the store can't take is kept and tried again, up to a bound.
final class GatewaySpans: Sendable {
    private struct State {
        var waiting: [TenantID: [InferenceRun]] = [:]
        var count = 0
        var dropped = 0
        var flush: Task<Void, Never>?
    }

    /// Beyond so many runs that wait, the spans of new ones are dropped.
    static let runCountMax = 16_384
    /// So many runs go into one request to the store.
    private static let batchCountMax = 512

    private let store: any SpanStore
    private let environment: String
    private let logger: Logger
    private let state = Mutex(State())

    init(store: any SpanStore, environment: String, logger: Logger) {
        self.store = store
        self.environment = environment
        self.logger = logger
    }

    /// Runs whose spans were dropped.
    var droppedCount: Int { state.withLock(\.dropped) }

    func add(_ run: InferenceRun, of user: UserID) {
        let tenant = TenantID(user)
        state.withLock { state in
            guard state.count < Self.runCountMax else {
                state.dropped += 1
                return
            }
            state.waiting[tenant, default: []].append(run)
            state.count += 1
        }
    }

    /// Stores what waits. When this returns, spans of runs that were added before are in the store, unless it refused.
    func flush() async {
        while true {
            let (running, isMine) = state.withLock { state -> (Task<Void, Never>?, Bool) in
                if let flush = state.flush { return (flush, false) }
                guard state.count > 0 else { return (nil, false) }
                let flush = Task { await self.storeAll() }
                state.flush = flush
                return (flush, true)
            }
            await running?.value
            if running == nil || isMine { return }
        }
    }

    private func storeAll() async {
        let waiting = state.withLock { state in
            state.count = 0
            defer { state.waiting = [:] }
            return state.waiting
        }
        for (tenant, runs) in waiting {
            for start in stride(from: 0, to: runs.count, by: Self.batchCountMax) {
                await store(Array(runs[start..<min(start + Self.batchCountMax, runs.count)]), of: tenant)
            }
        }
        state.withLock { $0.flush = nil }
    }

    private func store(_ runs: [InferenceRun], of tenant: TenantID) async {
        let request = RunSpans.request(
            for: runs, environment: environment, version: Version.current, recordID: { $0.recordID })
        do {
            try await store.append(SpanBatch(validating: request, tenant: tenant, origin: .gateway))
        } catch let error as TraceStoreError {
            logger.warning("spans of runs can't be stored now", metadata: ["error": "\(error.message)"])
            keep(runs, of: tenant)
        } catch {
            logger.error("spans of runs are not valid", metadata: ["error": "\(error)"])
            state.withLock { $0.dropped += runs.count }
        }
    }

    /// Puts runs back that could not be stored.
    private func keep(_ runs: [InferenceRun], of tenant: TenantID) {
        state.withLock { state in
            let kept = runs.prefix(Self.runCountMax - state.count)
            state.dropped += runs.count - kept.count
            state.waiting[tenant, default: []].insert(contentsOf: kept, at: 0)
            state.count += kept.count
        }
    }
}
