import Database
import TestSupport
import Testing

@testable import Accounts

/// The database itself refuses what would make the books wrong.
struct LedgerConstraintTests {
    /// An entry after the two that the user has, which leave 60 000 000 of 100 000 000 credited.
    private struct Entry {
        var seq: Int64 = 3
        var previous: Int64? = 2
        var account = "revenue"
        var amount: Int64 = -10_000_000
        var before: Int64 = 60_000_000
        var after: Int64 = 50_000_000
        var spentBefore: Int64 = 40_000_000
        var spentAfter: Int64 = 50_000_000
        var reference = "new"

        func insertion(for user: UserID) -> SQL {
            """
            INSERT INTO ledger_entries (
                user_id, seq, previous_seq, counter_account, amount_nano, balance_before_nano, balance_after_nano,
                spent_before_nano, spent_after_nano, reference, reason, created_at
            ) VALUES (
                \(user), \(seq), \(previous), \(account), \(amount), \(before), \(after), \(spentBefore),
                \(spentAfter), \(reference), '', 0
            )
            """
        }
    }

    private static func withEntries(
        _ engine: TestEngine, _ body: (Books, UserID) async throws -> Void
    ) async throws {
        try await withBooks(engine == .sqlite ? .memoryOnSQLite : .leasesOnPostgreSQL) { books in
            let user = try await books.makeUser(cents: 10)
            let reservation = try await books.ledger.reserve(.cents(4), for: books.session(of: user))
            _ = try await books.ledger.settle(reservation, as: .stub(runID: "run_a", cost: .cents(4)))
            try await body(books, user)
            #expect(try await books.ledger.discrepancies() == [])
        }
    }

    private static let brokenRules: Set<DatabaseError.Code> = [.constraint, .foreignKey, .uniqueViolation]

    private static func isRefused(_ sql: SQL, by database: Database) async throws -> Bool {
        do throws(DatabaseError) {
            try await database.execute(sql)
            return false
        } catch {
            return brokenRules.contains(error.code)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `an entry that follows from the last one is taken`(engine: TestEngine) async throws {
        try await withBooks(engine == .sqlite ? .memoryOnSQLite : .leasesOnPostgreSQL) { books in
            let user = try await books.makeUser(cents: 10)
            try await books.spend(.cents(4), books.session(of: user))
            #expect(try await books.database.execute(Entry().insertion(for: user)) == 1)
            // It is there without a balance, a run and a sum.
            #expect(try await books.ledger.discrepancies().count == 2)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `an entry that does not follow from the last one is refused`(engine: TestEngine) async throws {
        try await Self.withEntries(engine) { books, user in
            let wrong = [
                Entry(seq: 4, previous: 3), Entry(seq: 4, previous: 2), Entry(seq: 2, previous: 1), Entry(seq: 0),
                Entry(previous: nil), Entry(seq: 1, previous: nil), Entry(after: 50_000_001),
                Entry(amount: 0, after: 60_000_000, spentAfter: 40_000_000),
                Entry(before: 70_000_000, after: 60_000_000),
                Entry(spentBefore: 0, spentAfter: 10_000_000), Entry(spentAfter: 40_000_000),
                Entry(amount: 10_000_000, after: 70_000_000, spentAfter: 30_000_000),
                Entry(account: "operator"),
                Entry(account: "operator", amount: 1, after: 60_000_001, spentAfter: 40_000_000),
                Entry(account: ""), Entry(reference: "run_a"), Entry(reference: ""),
            ]
            for entry in wrong {
                let isRefused = try await Self.isRefused(entry.insertion(for: user), by: books.database)
                #expect(isRefused, "\(entry)")
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `entries and balances can't be changed`(engine: TestEngine) async throws {
        try await Self.withEntries(engine) { books, user in
            let wrong: [SQL] = [
                "UPDATE balances SET balance_nano = balance_nano + 1",
                "UPDATE balances SET balance_nano = balance_nano + 1, credited_nano = credited_nano + 1",
                "UPDATE balances SET spent_nano = 0, credited_nano = 60000000",
                "UPDATE balances SET last_seq = 1",
                "UPDATE balances SET last_seq = 3",
                "UPDATE ledger_entries SET amount_nano = 110000000 WHERE seq = 1",
                "UPDATE ledger_entries SET amount_nano = 110000000, balance_after_nano = 110000000 WHERE seq = 1",
                "UPDATE ledger_entries SET amount_nano = -30000000, balance_after_nano = 70000000 WHERE seq = 2",
                """
                UPDATE ledger_entries
                SET amount_nano = -30000000, balance_after_nano = 70000000, spent_after_nano = 30000000 WHERE seq = 2
                """,
                "DELETE FROM ledger_entries WHERE seq = 1",
                "DELETE FROM ledger_entries WHERE seq = 2",
                "UPDATE runs SET cost_nano = -1",
                "UPDATE runs SET is_usage = 0",
                "UPDATE runs SET input_tokens = -1",
                """
                INSERT INTO balances (user_id, last_seq, balance_nano, spent_nano, credited_nano)
                VALUES ('nobody', 1, 0, 0, 0)
                """,
            ]
            for statement in wrong {
                let isRefused = try await Self.isRefused(statement, by: books.database)
                #expect(isRefused, "\(statement.text)")
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `what constraints can't see is found by the check`(engine: TestEngine) async throws {
        let changes: [(SQL, String)] = [
            ("UPDATE runs SET cost_nano = 30000000", "charge is not what its run cost"),
            ("UPDATE runs SET cost_cents = 3", "cents are not those of the running total"),
            ("UPDATE runs SET run_id = 'run_b'", "run was not charged"),
            ("UPDATE usage_rollups SET requests = 2 WHERE period = 'hour'", "hour is not the sum of its runs"),
            ("UPDATE usage_rollups SET input_tokens = 0 WHERE period = 'day'", "day is not the sum of its runs"),
            ("UPDATE usage_rollups SET cost_nano = 0 WHERE period = 'month'", "month is not the sum of its days"),
            ("DELETE FROM usage_rollups WHERE period = 'month'", "month is not the sum of its days"),
            ("DELETE FROM usage_rollups WHERE period = 'hour'", "hour is not the sum of its runs"),
            ("DELETE FROM runs", "charge is not what its run cost"),
            ("DELETE FROM balances", "balance is not the sum of entries"),
        ]
        for (change, finding) in changes {
            try await withBooks(engine == .sqlite ? .memoryOnSQLite : .leasesOnPostgreSQL) { books in
                let user = try await books.makeUser(cents: 10)
                let reservation = try await books.ledger.reserve(.cents(4), for: books.session(of: user))
                _ = try await books.ledger.settle(reservation, as: .stub(runID: "run_a", cost: .cents(4)))
                try await books.database.execute(change)
                let findings = try await books.ledger.discrepancies()
                #expect(findings.contains { $0.hasPrefix(finding) }, "\(change.text): \(findings)")
            }
        }
    }
}
