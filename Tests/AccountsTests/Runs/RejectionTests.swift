import Database
import TestSupport
import Testing

@testable import Accounts

struct RejectionTests {
    @Test(arguments: BooksKind.allCases)
    func `a rejected run is recorded, and neither charged nor counted`(kind: BooksKind) async throws {
        try await withBooks(kind) { books in
            let user = try await books.makeUser(cents: 10)
            let key = books.makeKey(of: user, budgetCents: 5)
            let usage = RunUsage.rejected(runID: "run_a", traceID: "t", model: "other", details: .stub())
            try await books.ledger.recordRejection(usage, for: key)

            let run = try #require(try await books.runs.run("run_a", of: user))
            #expect(run.isUsage == false)
            #expect(run.details == .stub())
            #expect(run.usage.outcome == .rejected)
            #expect(run.usage.keyID == key.keyID)
            #expect(run.usage.traceID == "t")
            #expect(run.usage.model == "other")
            #expect(run.usage.createdAt == books.clock.now)
            #expect(try await books.usage.logs(UsageFilter(userID: user), limit: 10).rows == [])
            #expect(try await books.usage.summary(UsageFilter(userID: user)).requests == 0)
            #expect(try await books.usage.summary(UsageFilter(userID: user), groupedBy: .model) == [])
            #expect(try await books.ledger.balance(of: user).exact == .cents(10))
            #expect(try await books.ledger.discrepancies() == [])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a run that is recorded stays as it is when it is rejected`(engine: TestEngine) async throws {
        try await withBooks(engine) { books in
            let (user, other) = (try await books.makeUser(cents: 10), try await books.makeUser())
            let session = books.session(of: user)
            let settled = try await books.ledger.settle(
                try await books.ledger.reserve(.cents(1), for: session), as: .stub(runID: "run_a", cost: .cents(1)))
            try await books.ledger.recordRejection(.rejected(runID: "run_b", model: "a"), for: session)
            for runID in ["run_a", "run_b"] {
                try await books.ledger.recordRejection(.rejected(runID: runID, model: "changed"), for: session)
                await #expect(throws: AccountsError(.runConflict, "")) {
                    try await books.ledger.recordRejection(.rejected(runID: runID), for: books.session(of: other))
                }
            }
            #expect(try await books.runs.run("run_a", of: user)?.usage == settled)
            #expect(try await books.runs.run("run_b", of: user)?.usage.model == "a")
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a run that used something was not rejected, and one that was is not settled`(
        engine: TestEngine
    ) async throws {
        try await withBooks(engine) { books in
            let session = books.session(of: try await books.makeUser(cents: 10))
            let wrong: [RunUsage] = [
                .stub(inputTokens: 1, outputTokens: 0, outcome: .rejected),
                .stub(inputTokens: 0, outputTokens: 1, outcome: .rejected),
                .stub(inputTokens: 0, outputTokens: 0, cost: NanoDollars(1), outcome: .rejected),
                .stub(inputTokens: 0, outputTokens: 0, outcome: .upstreamError),
            ]
            for usage in wrong {
                await #expect(throws: AccountsError(.invalidAmount, ""), "\(usage)") {
                    try await books.ledger.recordRejection(usage, for: session)
                }
                #expect(try await books.runs.run(usage.runID, of: session.userID) == nil)
            }
            let reservation = try await books.ledger.reserve(.cents(1), for: session)
            await #expect(throws: AccountsError(.invalidAmount, "")) {
                try await books.ledger.settle(reservation, as: .rejected())
            }
        }
    }
}
