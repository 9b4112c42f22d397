import Accounts
import Audit
import AuditLog
import Database
import Inference
import OTLP
import TestSupport
import Testing
import TraceStore

@testable import APIServer

@Suite(.timeLimit(.minutes(5)))
struct RunRecorderTests {
    private struct Books {
        let store: SpanStoreStub
        let audit: AuditLog
        let refusals = RefusalCounts()
        let ledger: Ledger
        let runs: RunStore
        let spans: GatewaySpans
        let recorder: RunRecorder
        let principal: Principal

        init(_ database: Database, _ store: SpanStoreStub, _ audit: AuditLog) async throws {
            self.store = store
            self.audit = audit
            ledger = Ledger(database: database)
            runs = RunStore(database: database)
            spans = GatewaySpans(store: store, environment: "test", logger: .silent)
            recorder = RunRecorder(
                ledger: ledger,
                records: ObservedRuns(
                    log: audit, environment: "test", energy: try .stub(), refusals: refusals),
                spans: spans, metrics: GatewayMetrics(), environment: "test")
            principal = .stub()
            let id = principal.userID
            try await database.execute(
                "INSERT INTO users (id, email, name, created_at) VALUES (\(id), 'a', '', \(1 as Int64))")
            _ = try await ledger.credit(id, cents: 100, source: .operator, reference: "r", reason: "test")
        }

        func hasSpans(_ run: InferenceRun) async throws -> Bool {
            await spans.flush()
            return try await store.trace(run.trace.traceID, of: TenantID(principal.userID)) != nil
        }
    }

    private func withBooks(_ test: (Books) async throws -> Void) async throws {
        try await withSpanStore { store in
            try await withAuditLog { database, audit in try await test(Books(database, store, audit)) }
        }
    }

    @Test func `a settled run is paid, and recorded with everything that is known of it`() async throws {
        try await withBooks { books in
            let run = InferenceRun.stub(5) { run in
                var usage = TokenUsage(inputTokens: 10, outputTokens: 20)
                (usage.cachedInputTokens, usage.reasoningTokens, usage.isEstimated) = (3, 4, true)
                run.usage = usage
                run.cost = 250_000_000
                run.outcome = .timeout
                run.errorCode = "upstream_timeout"
                run.status = 504
                run.responseModel = "up-1"
                run.finishReasons = ["stop", "length"]
                run.firstByteAt = 1_700_000_000
            }
            let account = try books.recorder.begin(for: books.principal)
            try await account.reserve(500_000_000).settle(run, body: nil)
            #expect(try await books.ledger.balance(of: books.principal.userID).cents == 75)
            let record = try #require(try await books.runs.run(run.id, of: books.principal.userID))
            #expect(record.isUsage && record.usage.outcome == .timeout && record.usage.keyID == books.principal.keyID)
            #expect(record.usage.inputTokens == 10 && record.usage.outputTokens == 20)
            #expect(record.usage.cost == NanoDollars(250_000_000) && record.usage.traceID == run.trace.traceID.hex)
            #expect(
                record.details
                    == Accounts.RunDetails(
                        spanID: run.trace.spanID.hex, operation: "chat", isStream: false, environment: "test",
                        promptVersion: "default", routeID: "route-1", provider: "near", responseModel: "up-1",
                        attemptCount: 1, cachedInputTokens: 3, reasoningTokens: 4, usageIsEstimated: true, status: 504,
                        errorCode: "upstream_timeout", finishReasons: "stop,length",
                        requestHash: run.requestHash, responseHash: run.responseHash, startedAt: 1_000_000_000,
                        firstByteAt: 1_700_000_000,
                        completedAt: 3_000_000_000))
            #expect(try await books.hasSpans(run))
        }
    }

    @Test func `a rejected run is recorded and costs nothing`() async throws {
        try await withBooks { books in
            let run = InferenceRun.stub(5) { run in
                run.outcome = .rejected
                run.attempts = []
            }
            try await books.recorder.begin(for: books.principal).reject(run)
            let record = try #require(try await books.runs.run(run.id, of: books.principal.userID))
            #expect(!record.isUsage && record.usage.outcome == .rejected && record.details?.provider == nil)
            #expect(try await books.ledger.balance(of: books.principal.userID).cents == 100)
            #expect(try await books.hasSpans(run))
        }
    }

    @Test func `nobody reserves more than they have, and what is released can be reserved again`() async throws {
        try await withBooks { books in
            let account = try books.recorder.begin(for: books.principal)
            let whole = try await account.reserve(1_000_000_000)
            let error = await #expect(throws: AccountsError.self) { _ = try await account.reserve(1) }
            #expect(error?.code == .insufficientCredit)
            await whole.release()
            _ = try await account.reserve(1_000_000_000)
        }
    }

    @Test func `a run that can't be settled leaves no spans`() async throws {
        try await withBooks { books in
            let run = InferenceRun.stub(5) { $0.cost = -1 }
            let reservation = try await books.recorder.begin(for: books.principal).reserve(0)
            await #expect(throws: AccountsError.self) { try await reservation.settle(run, body: nil) }
            #expect(try await !books.hasSpans(run))
        }
    }

    @Test(arguments: InferenceRun.Outcome.allCases.filter { $0 != .rejected })
    func `every outcome has its counterpart`(outcome: InferenceRun.Outcome) async throws {
        try await withBooks { books in
            let run = InferenceRun.stub { $0.outcome = outcome }
            try await books.recorder.begin(for: books.principal).reserve(0).settle(run, body: nil)
            let record = try await books.runs.run(run.id, of: books.principal.userID)
            #expect(record?.usage.outcome.rawValue == outcome.rawValue)
        }
    }

    @Test func `a run's record is in the log with the run, and its receipt says so`() async throws {
        try await withBooks { books in
            let run = InferenceRun.stub(5) { $0.usage = TokenUsage(inputTokens: 10, outputTokens: 20) }
            books.refusals.add(RefusalCounts.Counts(rateLimited: 3), of: books.principal.userID)
            let account = try books.recorder.begin(for: books.principal)
            #expect(account.receipt == nil)
            try await account.reserve(0).settle(run, body: nil)
            let receipt = try #require(account.receipt)
            let row = try await books.runs.run(run.id, of: books.principal.userID)
            #expect(row?.recordID == receipt.recordID.recordText && row?.recordID == account.recordID)
            let record = try #require(try await books.audit.record(receipt.recordID))
            #expect(try await books.audit.verify(record).status == .validUnwitnessed)
            let statement = try record.statement()
            #expect(statement.run?.runID == run.id && statement.outcome == .ok && statement.run?.provider == "near")
            let details = try record.parsedDetails().json
            #expect(details["tenant"]?.string == books.principal.userID.description)
            #expect(details["usage"]?.object?["output_tokens"] == 20)
            #expect(details["refused"] == ["401": 0, "429": 3])
        }
    }

    @Test func `a run that can't be settled has no record, and what was to be told in it is told later`() async throws {
        try await withBooks { books in
            let refused = RefusalCounts.Counts(rateLimited: 3)
            books.refusals.add(refused, of: books.principal.userID)
            let account = try books.recorder.begin(for: books.principal)
            let reservation = try await account.reserve(0)
            await #expect(throws: AccountsError.self) {
                try await reservation.settle(.stub(5) { $0.cost = -1 }, body: nil)
            }
            #expect(account.receipt == nil)
            #expect(try await books.audit.records(of: books.principal.userID.description, after: 0, limit: 10).isEmpty)
            #expect(books.refusals.take(of: books.principal.userID) == refused)
        }
    }

    @Test func `a rejected run's record names no provider`() async throws {
        try await withBooks { books in
            let account = try books.recorder.begin(for: books.principal)
            try await account.reject(.stub(5) { $0.outcome = .rejected })
            let receipt = try #require(account.receipt)
            let record = try #require(try await books.audit.record(receipt.recordID))
            let statement = try record.statement()
            #expect(statement.outcome == .rejected && statement.run?.provider == nil)
        }
    }
}
