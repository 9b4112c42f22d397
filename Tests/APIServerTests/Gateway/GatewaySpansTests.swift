import Accounts
import Database
import Inference
import OTLP
import Testing
import TraceStore

@testable import APIServer

@Suite(.timeLimit(.minutes(5)))
struct GatewaySpansTests {
    private let user = Principal.stub().userID

    private func spans(_ store: SpanStoreStub) -> GatewaySpans {
        GatewaySpans(store: store, environment: "test", logger: .silent)
    }

    private func stored(_ trace: UInt64, _ store: SpanStoreStub, of user: UserID) async throws -> [StoredSpan] {
        try await store.trace(TraceID(high: 7, low: trace), of: TenantID(user))?.spans ?? []
    }

    @Test func `a run's spans can be read after a flush, as the gateway's own`() async throws {
        try await withSpanStore { store in
            let spans = spans(store)
            let run = InferenceRun.stub()
            spans.add(run, of: user)
            #expect(try await stored(1, store, of: user).isEmpty)
            await spans.flush()
            let stored = try await stored(1, store, of: user)
            #expect(stored.map(\.spanID) == [run.trace.spanID, run.attempts[0].spanID])
            #expect(stored.allSatisfy { $0.origin == .gateway && $0.envelope.serviceName == "batchin" })
            #expect(try await self.stored(1, store, of: Principal.stub().userID).isEmpty)
        }
    }

    @Test func `many runs of many users are stored, each as its own user's, some hundred at a time`() async throws {
        try await withSpanStore { store in
            let spans = spans(store)
            let users = [user, UserID(UUIDv7(milliseconds: 9))]
            for number in 1...600 {
                for user in users { spans.add(.stub(number, trace: UInt64(number)), of: user) }
            }
            await spans.flush()
            #expect(store.batches.count == 4)
            for user in users {
                let query = TraceQuery(tenant: TenantID(user), limit: 1_000)
                let page = try await store.search(query)
                #expect(page.traces.count == 600)
            }
            await spans.flush()
            #expect(store.batches.count == 4)
        }
    }

    @Test func `what the store refuses is kept, and stored by a later flush`() async throws {
        try await withSpanStore { store in
            let spans = spans(store)
            store.refuse(2)
            spans.add(.stub(1, trace: 1), of: user)
            await spans.flush()
            spans.add(.stub(2, trace: 2), of: user)
            await spans.flush()
            #expect(try await stored(1, store, of: user).isEmpty)
            #expect(spans.droppedCount == 0)
            await spans.flush()
            for trace in [1, 2] as [UInt64] {
                let found = try await stored(trace, store, of: user)
                #expect(found.count == 2)
            }
            #expect(store.batches.count == 3)
        }
    }

    @Test func `beyond a bound spans of new runs are dropped, and counted`() async throws {
        try await withSpanStore { store in
            let spans = spans(store)
            store.refuse(.max)
            for number in 1...GatewaySpans.runCountMax { spans.add(.stub(number), of: user) }
            #expect(spans.droppedCount == 0)
            spans.add(.stub(0), of: user)
            #expect(spans.droppedCount == 1)
            // What is put back stays within the bound too.
            await spans.flush()
            #expect(spans.droppedCount == 1)
            spans.add(.stub(0), of: user)
            #expect(spans.droppedCount == 2)
        }
    }

    @Test func `whoever flushes while another does finds all that was added before`() async throws {
        try await withSpanStore { store in
            let spans = spans(store)
            await withTaskGroup(of: Bool.self) { group in
                for number in 1...50 {
                    group.addTask {
                        spans.add(.stub(number, trace: UInt64(number)), of: user)
                        await spans.flush()
                        return (try? await stored(UInt64(number), store, of: user).count) == 2
                    }
                }
                for await isStored in group { #expect(isStored) }
            }
        }
    }
}
