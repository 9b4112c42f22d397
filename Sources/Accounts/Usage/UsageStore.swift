package import Database

/// What runs have used: a log of them, and sums, both over the runs that reached a provider.
///
/// Sums are kept by month, day and hour with each run, so a summary costs the same however many runs there are; it is
/// what summing the rows of the log would give, for any interval. Every call can fail with the code `database`.
package struct UsageStore: Sendable {
    private let database: Database

    /// The first day of the year 10000, when no run has happened yet. It begins a month.
    private static let endOfTime: Int64 = 253_402_300_800_000

    /// - Parameter database: Opened with `AccountStore.migrations`.
    package init(database: Database) {
        self.database = database
    }

    /// A page of the log, newest first; empty if there is nothing.
    ///
    /// - Parameters:
    ///   - after: `next` of the page before, which stays right when new runs arrive meanwhile.
    ///   - offset: How many rows to leave out from there, at a cost for each.
    package func logs(
        _ filter: UsageFilter, after: UsagePosition? = nil, offset: Int = 0, limit: Int
    ) async throws(AccountsError) -> UsagePage {
        let older: SQL = if let after { "AND (created_at, id) < (\(after.createdAt), \(after.id))" } else { "" }
        // One row more says whether there is another page.
        let rows = try await query(
            """
            SELECT \(UsageRow.columns) FROM runs WHERE \(Self.runs(filter)) \(older)
            ORDER BY created_at DESC, id DESC LIMIT \(limit + 1) OFFSET \(offset)
            """
        ) { row throws(DatabaseError) in try UsageRow(row: row) }
        let page = Array(rows.prefix(limit))
        return UsagePage(rows: page, next: rows.count > limit ? page.last?.position : nil)
    }

    /// The sums over all runs that match.
    package func summary(_ filter: UsageFilter) async throws(AccountsError) -> UsageTotals {
        let parts = Self.parts(filter, from: UsagePeriod.allCases)
        let totals = try await query(
            """
            SELECT \(UsageTotals.columns) FROM (\(parts)) AS parts
            """
        ) { row throws(DatabaseError) in try UsageTotals(row: row) }
        return totals.first ?? UsageTotals(requests: 0, inputTokens: 0, outputTokens: 0, costCents: 0, cost: .zero)
    }

    /// The sums for each group that has any runs that match. Days come in their order, earliest first; models and keys
    /// by their cost, highest first, and by name where it is equal.
    package func summary(
        _ filter: UsageFilter, groupedBy grouping: UsageGrouping
    ) async throws(AccountsError) -> [UsageGroup] {
        // A month has several days, so it can't be divided by them.
        let periods: [UsagePeriod] = grouping == .day ? [.day, .hour] : UsagePeriod.allCases
        let name: SQL =
            switch grouping {
            case .key: "key_id"
            case .model: "model"
            case .day: "began_at - began_at % 86400000"
            }
        let groups = try await query(
            """
            SELECT \(name) AS name, \(UsageTotals.columns)
            FROM (\(Self.parts(filter, from: periods))) AS parts GROUP BY 1 ORDER BY 1
            """
        ) { row throws(DatabaseError) in
            UsageGroup(name: try Self.name(of: row, grouping), totals: try UsageTotals(row: row))
        }
        return grouping == .day ? groups : Self.byCost(groups)
    }

    private static func name(of row: Row, _ grouping: UsageGrouping) throws(DatabaseError) -> String? {
        guard grouping != .day else {
            return CivilDate(milliseconds: try row.decode("name", as: Int64.self)).description
        }
        let name = try row.decode("name", as: String.self)
        return grouping == .key && name.isEmpty ? nil : name
    }

    /// Engines differ in how they order text, so it is not left to them.
    private static func byCost(_ groups: [UsageGroup]) -> [UsageGroup] {
        groups.sorted { left, right in
            left.totals.cost == right.totals.cost
                ? (left.name ?? "").utf8.lexicographicallyPrecedes((right.name ?? "").utf8)
                : left.totals.cost > right.totals.cost
        }
    }

    private func query<Value: Sendable>(
        _ sql: SQL, _ decode: (Row) throws(DatabaseError) -> Value
    ) async throws(AccountsError) -> [Value] {
        do {
            return try await database.query(sql).map(decode)
        } catch {
            throw AccountsError(error)
        }
    }
}

extension UsageStore {
    /// The rows of `runs` that are meant.
    private static func runs(_ filter: UsageFilter) -> SQL {
        var condition: SQL = "is_usage = 1 AND user_id = \(filter.userID)"
        if let keyID = filter.keyID { condition = "\(condition) AND key_id = \(keyID)" }
        if let model = filter.model { condition = "\(condition) AND model = \(model)" }
        if let runID = filter.runID { condition = "\(condition) AND run_id = \(runID)" }
        if let traceID = filter.traceID { condition = "\(condition) AND trace_id = \(traceID)" }
        if let from = filter.from { condition = "\(condition) AND created_at >= \(from)" }
        if let to = filter.to { condition = "\(condition) AND created_at < \(to)" }
        return condition
    }

    /// What the summary of `filter` is the sum of, each part with the time it begins as `began_at`.
    private static func parts(_ filter: UsageFilter, from periods: [UsagePeriod]) -> SQL {
        let start = max(filter.from ?? 0, 0)
        let end = min(filter.to ?? endOfTime, endOfTime)
        // The runs of one trace are few, and no sum is kept for them.
        let isSummed = filter.runID == nil && filter.traceID == nil
        let intervals = UsageInterval.covering(from: start, to: end, by: isSummed ? periods[...] : [])
        let parts = intervals.map { part(filter, $0) }
        let none = part(filter, UsageInterval(period: nil, start: 0, end: 0))
        return parts.dropFirst().reduce(parts.first ?? none) { "\($0) UNION ALL \($1)" }
    }

    private static func part(_ filter: UsageFilter, _ interval: UsageInterval) -> SQL {
        guard let period = interval.period else {
            var narrowed = filter
            (narrowed.from, narrowed.to) = (interval.start, interval.end)
            return """
                SELECT created_at AS began_at, COALESCE(key_id, '') AS key_id, model, 1 AS requests, input_tokens,
                    output_tokens, cost_nano, cost_cents
                FROM runs WHERE \(runs(narrowed))
                """
        }
        let key: SQL = if let keyID = filter.keyID { "AND key_id = \(keyID)" } else { "" }
        let model: SQL = if let model = filter.model { "AND model = \(model)" } else { "" }
        return """
            SELECT start_at AS began_at, key_id, model, requests, input_tokens, output_tokens, cost_nano, cost_cents
            FROM usage_rollups
            WHERE user_id = \(filter.userID) AND period = \(period)
                AND start_at >= \(interval.start) AND start_at < \(interval.end) \(key) \(model)
            """
    }
}
