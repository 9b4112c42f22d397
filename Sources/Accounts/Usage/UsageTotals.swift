import Database

/// Sums over runs.
package struct UsageTotals: Hashable, Sendable {
    package var requests: Int64
    package var inputTokens: Int64
    package var outputTokens: Int64
    /// The sum of the rows' cents.
    package var costCents: Int64
    package var cost: NanoDollars

    package init(requests: Int64, inputTokens: Int64, outputTokens: Int64, costCents: Int64, cost: NanoDollars) {
        self.requests = requests
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.costCents = costCents
        self.cost = cost
    }

    /// What a query over runs or over sums of them selects to give totals. PostgreSQL's sums of integers are decimals.
    static let columns: SQL = """
        CAST(COALESCE(SUM(requests), 0) AS BIGINT) AS requests,
        CAST(COALESCE(SUM(input_tokens), 0) AS BIGINT) AS input_tokens,
        CAST(COALESCE(SUM(output_tokens), 0) AS BIGINT) AS output_tokens,
        CAST(COALESCE(SUM(cost_cents), 0) AS BIGINT) AS cost_cents,
        CAST(COALESCE(SUM(cost_nano), 0) AS BIGINT) AS cost_nano
        """

    init(row: Row) throws(DatabaseError) {
        requests = try row.decode("requests", as: Int64.self)
        inputTokens = try row.decode("input_tokens", as: Int64.self)
        outputTokens = try row.decode("output_tokens", as: Int64.self)
        costCents = try row.decode("cost_cents", as: Int64.self)
        cost = try row.decode("cost_nano", as: NanoDollars.self)
    }
}

/// What a summary is divided by.
package enum UsageGrouping: String, CaseIterable, Sendable {
    case key
    /// The UTC day.
    case day
    case model
}

/// One part of a summary.
package struct UsageGroup: Hashable, Sendable {
    /// The id of a key, nil for sessions; `YYYY-MM-DD`; or the model.
    package let name: String?
    package let totals: UsageTotals

    package init(name: String?, totals: UsageTotals) {
        self.name = name
        self.totals = totals
    }
}
