package import Database

/// One run in the usage log.
package struct UsageRow: Hashable, Sendable {
    package let id: UUIDv7
    package let runID: String
    package let traceID: String?
    /// Nil for a session.
    package let keyID: UUIDv7?
    package let model: String
    package let inputTokens: Int64
    package let outputTokens: Int64
    /// By how much the user's running total grew in rounded cents; rows add up to the summary and to the change of the
    /// balance.
    package let costCents: Int64
    package let cost: NanoDollars
    package let outcome: RunOutcome
    /// Milliseconds since 1970-01-01 00:00 UTC.
    package let createdAt: Int64

    init(_ usage: RunUsage, of reservation: Reservation, costCents: Int64) {
        id = reservation.id
        runID = usage.runID
        traceID = usage.traceID
        keyID = reservation.keyID
        model = usage.model
        inputTokens = usage.inputTokens
        outputTokens = usage.outputTokens
        self.costCents = costCents
        cost = usage.cost
        outcome = usage.outcome
        createdAt = reservation.madeAt
    }

    /// The row of a run that was rejected at this moment.
    init(rejected usage: RunUsage, of principal: Principal, at moment: Int64) {
        id = UUIDv7(milliseconds: moment)
        runID = usage.runID
        traceID = usage.traceID
        keyID = principal.keyID
        model = usage.model
        inputTokens = 0
        outputTokens = 0
        costCents = 0
        cost = .zero
        outcome = usage.outcome
        createdAt = moment
    }
}

extension UsageRow {
    static let columns: SQL = """
        id, run_id, trace_id, key_id, model, input_tokens, output_tokens, cost_cents, cost_nano, outcome, created_at
        """

    init(row: Row) throws(DatabaseError) {
        id = try row.decode("id", as: UUIDv7.self)
        runID = try row.decode("run_id", as: String.self)
        traceID = try row.decode("trace_id", as: String?.self)
        keyID = try row.decode("key_id", as: UUIDv7?.self)
        model = try row.decode("model", as: String.self)
        inputTokens = try row.decode("input_tokens", as: Int64.self)
        outputTokens = try row.decode("output_tokens", as: Int64.self)
        costCents = try row.decode("cost_cents", as: Int64.self)
        cost = try row.decode("cost_nano", as: NanoDollars.self)
        outcome = try row.decode("outcome", as: RunOutcome.self)
        createdAt = try row.decode("created_at", as: Int64.self)
    }

    /// The place of the row in the log.
    package var position: UsagePosition { UsagePosition(createdAt: createdAt, id: id) }

    /// Adds the row to the sums over the hour, the day and the month it belongs to.
    func addToSums(of userID: UserID, _ connection: Connection) throws(DatabaseError) {
        let values = [UsagePeriod.month, .day, .hour].flatMap { period in
            [
                userID.sqlValue, period.sqlValue, period.start(of: createdAt).sqlValue,
                .text(keyID?.description ?? ""), model.sqlValue, .integer(1), inputTokens.sqlValue,
                outputTokens.sqlValue, cost.sqlValue, costCents.sqlValue,
            ]
        }
        try connection.execute(Self.addition.binding(values))
    }

    private static let addition = SQL.template(
        """
        INSERT INTO usage_rollups (
            user_id, period, start_at, key_id, model, requests, input_tokens, output_tokens, cost_nano, cost_cents
        ) VALUES (\(SQL.parameters(10))), (\(SQL.parameters(10))), (\(SQL.parameters(10)))
        ON CONFLICT (user_id, period, start_at, key_id, model) DO UPDATE SET
            requests = usage_rollups.requests + excluded.requests,
            input_tokens = usage_rollups.input_tokens + excluded.input_tokens,
            output_tokens = usage_rollups.output_tokens + excluded.output_tokens,
            cost_nano = usage_rollups.cost_nano + excluded.cost_nano,
            cost_cents = usage_rollups.cost_cents + excluded.cost_cents
        """)
}

extension RunOutcome: SQLEncodable, SQLDecodable {
    package var sqlValue: SQLValue { .text(rawValue) }

    package init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue else { return nil }
        self.init(rawValue: text)
    }
}

extension UsagePeriod: SQLEncodable {
    var sqlValue: SQLValue { .text(rawValue) }
}
