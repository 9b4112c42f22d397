import TestSupport
import Testing

@testable import Accounts
@testable import Database

struct RunRecordTests {
    @Test(arguments: TestEngine.allCases)
    func `a run is read with the details it was settled with`(engine: TestEngine) async throws {
        try await withBooks(engine) { books in
            let user = try await books.makeUser(cents: 10)
            let all = RunDetails.stub()
            let few = RunDetails.stub(
                routeID: nil, provider: nil, responseModel: nil, errorCode: nil, finishReasons: nil, firstByteAt: nil)
            for (index, details) in [all, few, nil].enumerated() {
                let usage = RunUsage.stub(runID: "run_\(index)", traceID: "t", cost: .cents(1), details: details)
                let reservation = try await books.ledger.reserve(.cents(1), for: books.session(of: user))
                let row = try await books.ledger.settle(reservation, as: usage)
                let run = try await books.runs.run("run_\(index)", of: user)
                #expect(run == RunRecord(row, details: details, isUsage: true, recordID: nil))
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `runs recorded before there were details have none`(engine: TestEngine) async throws {
        try await withTestDatabase(engine) { location in
            let older = try await location.open(migrations: AccountStore.migrations.filter { $0.version < 5 })
            let user = UserID(UUIDv7(milliseconds: 1))
            try await older.execute(
                """
                INSERT INTO runs (id, run_id, user_id, trace_id, model, input_tokens, output_tokens, cost_nano,
                    cost_cents, outcome, is_usage, created_at)
                VALUES (\(UUIDv7(milliseconds: 1)), 'run_a', \(user), 't', 'm', 1, 2, 0, 0, 'ok', 1, 1)
                """)
            let runs = RunStore(database: try await location.open(migrations: AccountStore.migrations))
            let run = try #require(try await runs.run("run_a", of: user))
            #expect(run.usage.outputTokens == 2)
            #expect(run.details == nil)
            #expect(run.recordID == nil)
            #expect(run.isUsage)
        }
    }

    @Test func `the statement that records a run is kept prepared`() {
        #expect(RunRecord.insertion.isReusable)
    }
}
