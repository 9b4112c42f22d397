import Database
import TestSupport
import Testing

@testable import Accounts

struct SettlementTests {
    @Test(arguments: BooksKind.allCases)
    func `a run that is settled again is charged once and keeps its row`(kind: BooksKind) async throws {
        try await withBooks(kind) { books in
            let user = try await books.makeUser(cents: 100)
            let key = books.makeKey(of: user, budgetCents: 50)
            let reservation = try await books.ledger.reserve(.cents(20), for: key)
            let usage = RunUsage.stub(runID: "run_a", traceID: "t", cost: .cents(7))
            let row = try await books.ledger.settle(reservation, as: usage)
            #expect(row.cost == .cents(7))
            #expect(row.costCents == 7)
            #expect(row.keyID == key.keyID)

            let again = try await books.ledger.reserve(.cents(43), for: key)
            let changed = RunUsage.stub(runID: "run_a", model: "other", cost: .cents(9))
            #expect(try await books.ledger.settle(again, as: changed) == row)
            #expect(try await books.ledger.settle(reservation, as: usage) == row)
            #expect(try await books.ledger.balance(of: user).exact == .cents(93))
            // Neither reservation is held any more.
            _ = try await books.ledger.reserve(.cents(43), for: key)
            #expect(try await books.ledger.discrepancies() == [])
        }
    }

    @Test(arguments: BooksKind.allCases)
    func `parallel settlements of one run charge it once`(kind: BooksKind) async throws {
        try await withBooks(kind) { books in
            let user = try await books.makeUser(cents: 100)
            let rows = try await withThrowingTaskGroup(of: UsageRow.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        let reservation = try await books.ledger.reserve(.cents(1), for: books.session(of: user))
                        return try await books.ledger.settle(
                            reservation, as: .stub(runID: "run_a", cost: .cents(1)))
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(rows.count == 1)
            #expect(try await books.ledger.balance(of: user).exact == .cents(99))
            _ = try await books.ledger.reserve(.cents(99), for: books.session(of: user))
        }
    }

    @Test(arguments: BooksKind.allCases)
    func `another user's run is a conflict and stays theirs`(kind: BooksKind) async throws {
        try await withBooks(kind) { books in
            let (one, other) = (try await books.makeUser(cents: 10), try await books.makeUser(cents: 10))
            let theirs = try await books.ledger.reserve(.cents(1), for: books.session(of: one))
            _ = try await books.ledger.settle(theirs, as: .stub(runID: "run_a", cost: .cents(1)))
            let mine = try await books.ledger.reserve(.cents(10), for: books.session(of: other))
            await #expect(throws: AccountsError(.runConflict, "")) {
                try await books.ledger.settle(mine, as: .stub(runID: "run_a", cost: .cents(1)))
            }
            #expect(try await books.ledger.balance(of: other).exact == .cents(10))
            await books.ledger.release(mine)
            _ = try await books.ledger.reserve(.cents(10), for: books.session(of: other))
        }
    }

    @Test(arguments: BooksKind.allCases)
    func `cents of rows add up to the change of the balance, however small the runs`(kind: BooksKind) async throws {
        try await withBooks(kind) { books in
            let user = try await books.makeUser(cents: 3)
            let session = books.session(of: user)
            var cents: [Int64] = []
            for _ in 0..<7 {
                cents.append(try await books.spend(NanoDollars(4_000_000), session).costCents)
            }
            #expect(cents == [0, 1, 0, 1, 0, 0, 1])
            let balance = try await books.ledger.balance(of: user)
            #expect(balance.exact == NanoDollars(2_000_000))
            #expect(balance.cents == 0)
            #expect(balance.credited == .cents(3))
        }
    }

    @Test(arguments: BooksKind.allCases)
    func `usage out of range is refused and the reservation stands`(kind: BooksKind) async throws {
        try await withBooks(kind) { books in
            let user = try await books.makeUser(cents: 10)
            let session = books.session(of: user)
            let reservation = try await books.ledger.reserve(.cents(10), for: session)
            let wrong: [RunUsage] = [
                .stub(inputTokens: -1), .stub(outputTokens: 1_000_000_000_001), .stub(cost: NanoDollars(-1)),
                .stub(cost: .max),
            ]
            _ = try await books.spend(.zero, session)
            let overrun = try await books.ledger.reserve(.zero, for: session)
            _ = try await books.ledger.settle(overrun, as: .stub(cost: NanoDollars(200_000_000)))
            for usage in wrong {
                await #expect(throws: AccountsError(.invalidAmount, ""), "\(usage)") {
                    try await books.ledger.settle(reservation, as: usage)
                }
            }
            _ = try await books.ledger.credit(user, cents: 10, source: .operator, reference: "1", reason: "test")
            await #expect(throws: AccountsError(.insufficientCredit, "")) {
                try await books.ledger.reserve(NanoDollars(1), for: session)
            }
            #expect(try await books.ledger.discrepancies() == [])
        }
    }

    @Test(arguments: BooksKind.allCases)
    func `what else a run's transaction stores is stored with the run or not at all`(kind: BooksKind) async throws {
        try await withBooks(kind) { books in
            let user = try await books.makeUser(cents: 10)
            let reservation = try await books.ledger.reserve(.cents(10), for: books.session(of: user))
            await #expect(throws: DatabaseError(.other, "")) {
                try await books.database.write { connection throws(DatabaseError) in
                    _ = try Ledger.settle(reservation, as: .stub(cost: .cents(1)), on: connection)
                    throw DatabaseError(.other, "no leaf")
                }
            }
            #expect(try await books.ledger.balance(of: user).exact == .cents(10))
            #expect(try await books.usage.logs(UsageFilter(userID: user), limit: 10).rows == [])
        }
    }

    @Test(arguments: BooksKind.allCases)
    func `month spend is per key and for this month only`(kind: BooksKind) async throws {
        try await withBooks(kind) { books in
            let user = try await books.makeUser(cents: 100)
            let (one, other) = (books.makeKey(of: user, budgetCents: 3), books.makeKey(of: user, budgetCents: 0))
            for key in [one, other] {
                let id = try #require(key.keyID)
                try await books.database.execute(
                    """
                    INSERT INTO api_keys (id, user_id, name, key_prefix, key_hash, scopes, created_at)
                    VALUES (\(id), \(user), '', '', \(Array(id.description.utf8.prefix(32))), \(ScopeSet.all), 0)
                    """)
            }
            try await books.spend(.cents(1), one, model: "a")
            try await books.spend(.cents(2), one, model: "b")
            try await books.spend(.cents(5), books.session(of: user))
            let keys = [one, other].compactMap(\.keyID)
            #expect(try await books.ledger.monthSpend(ofKeys: keys) == [keys[0]: .cents(3), keys[1]: .zero])
            #expect(try await books.ledger.monthSpend(ofKeys: []) == [:])
            #expect(try await books.ledger.hasSpentBudget(one))
            #expect(try await books.ledger.hasSpentBudget(other))
            #expect(try await books.ledger.hasSpentBudget(books.session(of: user)) == false)
            #expect(try await books.ledger.hasSpentBudget(books.makeKey(of: user)) == false)

            books.clock.advance(by: 31 * 86_400_000)
            #expect(try await books.ledger.monthSpend(ofKeys: keys) == [keys[0]: .zero, keys[1]: .zero])
            #expect(try await books.ledger.hasSpentBudget(one) == false)
        }
    }
}
