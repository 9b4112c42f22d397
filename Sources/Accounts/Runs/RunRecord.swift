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
    init(_ usage: UsageRow, details: RunDetails?, isUsage: Bool) {
        self.usage = usage
        self.isUsage = isUsage
        self.details = details
        recordID = nil
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
        guard try connection.execute(insertion(for: userID)) == 1 else { return false }
        if isUsage { try usage.addToSums(of: userID, connection) }
        return true
    }

    /// It has as many parameters as a statement may have that is kept prepared, so `is_usage` is none.
    func insertion(for userID: UserID) -> SQL {
        let isUsage: SQL = if isUsage { "1" } else { "0" }
        return """
            INSERT INTO runs (
                id, run_id, user_id, key_id, trace_id, model, input_tokens, output_tokens, cost_nano, cost_cents,
                outcome, created_at, is_usage, \(RunDetails.columns)
            ) VALUES (
                \(usage.id), \(usage.runID), \(userID), \(usage.keyID), \(usage.traceID), \(usage.model),
                \(usage.inputTokens), \(usage.outputTokens), \(usage.cost), \(usage.costCents), \(usage.outcome),
                \(usage.createdAt), \(isUsage), \(RunDetails.values(details))
            ) ON CONFLICT (run_id) DO NOTHING
            """
    }
}
