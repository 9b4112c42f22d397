import Database

/// All that is recorded of one run.
package struct RunRecord: Hashable, Sendable {
    /// What it used, and of whose; all zeros if it was rejected.
    package let usage: UsageRow
    /// Whether it reached a provider. Only such runs are in the usage log.
    package let isUsage: Bool
    /// Nil in runs that were recorded without.
    package let details: RunDetails?
    /// The id of its record in the audit log; nil if it has none.
    package let recordID: String?

    /// A run that is recorded now.
    init(_ usage: UsageRow, details: RunDetails?, isUsage: Bool, recordID: String?) {
        self.usage = usage
        self.isUsage = isUsage
        self.details = details
        self.recordID = recordID
    }
}

extension RunRecord {
    static let columns: SQL = "\(UsageRow.columns), is_usage, record_id, \(RunDetails.columns)"

    init(row: Row) throws(DatabaseError) {
        usage = try UsageRow(row: row)
        isUsage = try row.decode("is_usage", as: Bool.self)
        details = try RunDetails(row: row)
        recordID = try row.decode("record_id", as: String?.self)
    }

    /// Stores the run and, if it is usage, adds it to the sums.
    ///
    /// - Returns: false, and nothing is stored, if there is a run with this id already.
    func store(for userID: UserID, _ connection: Connection) throws(DatabaseError) -> Bool {
        guard try connection.execute(Self.insertion.binding(insertedValues(for: userID))) == 1 else { return false }
        if isUsage { try usage.addToSums(of: userID, connection) }
        return true
    }

    static let insertion = SQL.template(
        """
        INSERT INTO runs (
            id, run_id, user_id, key_id, trace_id, model, input_tokens, output_tokens, cost_nano, cost_cents, outcome,
            is_usage, created_at, record_id, \(RunDetails.columns)
        ) VALUES (\(SQL.parameters(14 + RunDetails.columnCount))) ON CONFLICT (run_id) DO NOTHING
        """)

    private func insertedValues(for userID: UserID) -> [SQLValue] {
        let own = [
            usage.id.sqlValue, usage.runID.sqlValue, userID.sqlValue, usage.keyID.sqlValue, usage.traceID.sqlValue,
            usage.model.sqlValue, usage.inputTokens.sqlValue, usage.outputTokens.sqlValue, usage.cost.sqlValue,
            usage.costCents.sqlValue, usage.outcome.sqlValue, isUsage.sqlValue, usage.createdAt.sqlValue,
            recordID.sqlValue,
        ]
        return own + RunDetails.values(details)
    }
}
