import Database

extension Ledger {
    /// Computes everything that is kept as a sum anew from what it is a sum of, and says what differs; empty, if the
    /// books are right. It reads every row, so it is meant for operators and tests.
    ///
    /// - Returns: At most 100 findings of each kind, as text for people.
    package func discrepancies() async throws(AccountsError) -> [String] {
        try await read { connection throws(DatabaseError) in
            var findings: [String] = []
            for check in Self.checks {
                let rows = try connection.query("\(check.query) LIMIT 100")
                for row in rows { findings.append("\(check.finding): \(try row.decode("name", as: String.self))") }
            }
            return try findings + Self.monthDiscrepancies(connection)
        }
    }

    private struct Check {
        /// What is wrong with what the query names.
        let finding: String
        /// Selects `name` of everything that is wrong.
        let query: SQL
    }

    private static let checks = [chain, balances, charges, uncharged, cents, hours, days]

    /// Constraints see to this; it is looked at all the same, for files that were changed without them.
    private static let chain = Check(
        finding: "entry does not follow from the one before",
        query: """
            SELECT e.user_id || ' ' || CAST(e.seq AS TEXT) AS name
            FROM ledger_entries e LEFT JOIN ledger_entries p ON p.user_id = e.user_id AND p.seq = e.seq - 1
            WHERE e.balance_after_nano <> e.balance_before_nano + e.amount_nano
                OR (e.seq = 1) <> (p.seq IS NULL)
                OR e.balance_before_nano <> COALESCE(p.balance_after_nano, 0)
                OR e.spent_before_nano <> COALESCE(p.spent_after_nano, 0)
            """)

    private static let balances = Check(
        finding: "balance is not the sum of entries",
        query: """
            SELECT COALESCE(b.user_id, e.user_id) AS name FROM (
                SELECT user_id, COUNT(*) AS entries, SUM(amount_nano) AS balance,
                    SUM(CASE WHEN counter_account = 'revenue' THEN -amount_nano ELSE 0 END) AS spent
                FROM ledger_entries GROUP BY user_id
            ) AS e LEFT JOIN balances b ON b.user_id = e.user_id
            WHERE b.user_id IS NULL OR b.last_seq <> e.entries OR b.balance_nano <> e.balance
                OR b.spent_nano <> e.spent OR b.credited_nano <> e.balance + e.spent
            """)

    private static let charges = Check(
        finding: "charge is not what its run cost",
        query: """
            SELECT e.reference AS name FROM ledger_entries e LEFT JOIN runs r ON r.run_id = e.reference
            WHERE e.counter_account = 'revenue' AND (
                r.run_id IS NULL OR r.user_id <> e.user_id OR r.cost_nano <> -e.amount_nano
                OR r.created_at <> e.created_at
            )
            """)

    private static let uncharged = Check(
        finding: "run was not charged",
        query: """
            SELECT r.run_id AS name FROM runs r
            LEFT JOIN ledger_entries e ON e.counter_account = 'revenue' AND e.reference = r.run_id
            WHERE r.cost_nano <> 0 AND e.reference IS NULL OR r.cost_nano = 0 AND e.reference IS NOT NULL
            """)

    /// Running totals are never negative, so dividing integers rounds them down.
    private static let cents = Check(
        finding: "cents are not those of the running total",
        query: """
            SELECT r.run_id AS name FROM runs r
            LEFT JOIN ledger_entries e ON e.counter_account = 'revenue' AND e.reference = r.run_id
            WHERE r.cost_cents <> COALESCE(
                (e.spent_after_nano + 5000000) / 10000000 - (e.spent_before_nano + 5000000) / 10000000, 0)
            """)

    private static let hours = Check(
        finding: "hour is not the sum of its runs", query: sumsDiffering(from: "3600000", of: "hour"))
    private static let days = Check(
        finding: "day is not the sum of its runs", query: sumsDiffering(from: "86400000", of: "day"))

    /// The sums of a period of this many milliseconds that are not those of the runs in it. Both are added up, the kept
    /// ones with the opposite sign, so that one that is missing on either side shows too.
    private static func sumsDiffering(from milliseconds: SQL, of period: SQL) -> SQL {
        """
        SELECT user_id || ' ' || key_id || ' ' || model || ' ' || CAST(start_at AS TEXT) AS name FROM (
            SELECT user_id, COALESCE(key_id, '') AS key_id, model,
                created_at - created_at % \(milliseconds) AS start_at, 1 AS requests, input_tokens, output_tokens,
                cost_nano, cost_cents
            FROM runs WHERE is_usage = 1
            UNION ALL
            SELECT user_id, key_id, model, start_at, -requests, -input_tokens, -output_tokens, -cost_nano, -cost_cents
            FROM usage_rollups WHERE period = '\(period)'
        ) AS parts GROUP BY user_id, key_id, model, start_at
        HAVING SUM(requests) <> 0 OR SUM(input_tokens) <> 0 OR SUM(output_tokens) <> 0 OR SUM(cost_nano) <> 0
            OR SUM(cost_cents) <> 0
        """
    }

    private struct MonthKey: Hashable {
        let userID: String
        let keyID: String
        let model: String
        let month: Int64
    }

    /// Calendar months are no business of SQL, so they are compared here, with the sums of the days.
    private static func monthDiscrepancies(_ connection: Connection) throws(DatabaseError) -> [String] {
        var sums: [MonthKey: [Int64]] = [:]
        let rows = try connection.query(
            """
            SELECT user_id, key_id, model, period, start_at, requests, input_tokens, output_tokens, cost_nano, cost_cents
            FROM usage_rollups WHERE period IN ('day', 'month')
            """)
        for row in rows {
            let startAt = try row.decode("start_at", as: Int64.self)
            let key = MonthKey(
                userID: try row.decode("user_id", as: String.self), keyID: try row.decode("key_id", as: String.self),
                model: try row.decode("model", as: String.self), month: UsagePeriod.month.start(of: startAt))
            let totals = try UsageTotals(row: row)
            let isMonth = try row.decode("period", as: String.self) == UsagePeriod.month.rawValue
            let values = [
                totals.requests, totals.inputTokens, totals.outputTokens, totals.costCents, totals.cost.value,
            ]
            let before = sums[key] ?? Array(repeating: 0, count: values.count)
            sums[key] = zip(before, values).map { isMonth ? $0 &- $1 : $0 &+ $1 }
        }
        return sums.filter { $0.value.contains { $0 != 0 } }.keys.prefix(100).map {
            "month is not the sum of its days: \($0.userID) \($0.keyID) \($0.model) \($0.month)"
        }
    }
}
