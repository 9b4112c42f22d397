import Accounts
import Database

/// Compares a database with the journals of those who wrote it.
struct Checker {
    let database: Database
    let cast: Cast
    let record: JournalRecord

    /// - Returns: What was looked at.
    /// - Throws: `Failure`, saying which promise was broken.
    func check() async throws -> String {
        let discrepancies = try await Ledger(database: database).discrepancies()
        guard discrepancies.isEmpty else { throw Failure(discrepancies.joined(separator: "\n")) }
        let runs = try await amounts("SELECT run_id AS reference, cost_nano AS amount FROM runs")
        let credits = try await amounts(
            """
            SELECT reference, amount_nano / 10000000 AS amount FROM ledger_entries
            WHERE counter_account = 'operator' AND reference NOT LIKE 'initial %'
            """)
        let unanswered = try compare(runs, .run) + compare(credits, .credit)
        try await checkNothingIsOverspent()
        return "\(runs.count) runs, \(credits.count) credits, \(unanswered) of them stored and never acknowledged"
    }

    private func amounts(_ query: SQL) async throws -> [String: Int64] {
        var amounts: [String: Int64] = [:]
        for row in try await database.query(query) {
            let reference = try row.decode("reference", as: String.self)
            let amount = try row.decode("amount", as: Int64.self)
            guard amounts.updateValue(amount, forKey: reference) == nil else {
                throw Failure("\(reference) is stored twice")
            }
        }
        return amounts
    }

    /// What was acknowledged is stored, and what is stored was begun.
    ///
    /// - Returns: How many were stored and not acknowledged.
    private func compare(_ stored: [String: Int64], _ kind: JournalLine.Kind) throws -> Int {
        let (begun, done) = (record.begun[kind] ?? [:], record.done[kind] ?? [:])
        for (reference, amount) in done where stored[reference] != amount {
            let found = stored[reference].map { "stored with \($0)" } ?? "missing"
            throw Failure("\(kind) \(reference) of \(amount) was acknowledged and is \(found)")
        }
        for (reference, amount) in stored where begun[reference] != amount {
            throw Failure("\(kind) \(reference) of \(amount) is stored and was never begun")
        }
        return stored.count - done.count
    }

    private func checkNothingIsOverspent() async throws {
        for member in cast.members where member.isStrict {
            let overdrawn = try await database.queryOne(
                "SELECT seq FROM ledger_entries WHERE user_id = \(member.userID) AND balance_after_nano < 0")
            guard overdrawn == nil else { throw Failure("the balance of \(member.userID) was overspent") }
            for principal in member.principals {
                guard let budget = principal.monthlyBudgetCents, let key = principal.keyID else { continue }
                let overspent = try await database.queryOne(
                    """
                    SELECT start_at FROM usage_rollups
                    WHERE user_id = \(member.userID) AND period = 'month' AND key_id = \(key)
                    GROUP BY start_at HAVING SUM(cost_nano) > \(try NanoDollars(cents: budget))
                    """)
                guard overspent == nil else { throw Failure("the budget of \(key) was overspent") }
            }
        }
    }
}
