import Database

/// Which of a user's runs are listed: those that match all that is set.
package struct RunQuery: Hashable, Sendable {
    package var userID: UserID
    package var model: String?
    package var promptVersion: String?
    package var runID: String?
    package var recordID: String?
    package var outcome: RunOutcome?
    /// The first millisecond since 1970-01-01 00:00 UTC; nil for the beginning.
    package var from: Int64?
    /// The first millisecond after the last one; nil for no end.
    package var to: Int64?
    /// Where the last run of the page before stands; nil for the first page.
    package var after: UsagePosition?
    package var limit: Int

    package init(
        userID: UserID, model: String? = nil, promptVersion: String? = nil, runID: String? = nil,
        recordID: String? = nil, outcome: RunOutcome? = nil, from: Int64? = nil, to: Int64? = nil,
        after: UsagePosition? = nil, limit: Int
    ) {
        self.userID = userID
        self.model = model
        self.promptVersion = promptVersion
        self.runID = runID
        self.recordID = recordID
        self.outcome = outcome
        self.from = from
        self.to = to
        self.after = after
        self.limit = limit
    }
}

extension RunQuery {
    /// The rows of `runs` that match, whatever page they are on.
    var condition: SQL {
        // Every user has few runs without a trace, so this is not to be looked up in an index.
        var condition: SQL = "user_id = \(userID) AND COALESCE(trace_id, '') <> ''"
        if let model { condition = "\(condition) AND model = \(model)" }
        if let promptVersion { condition = "\(condition) AND prompt_version = \(promptVersion)" }
        if let runID { condition = "\(condition) AND run_id = \(runID)" }
        if let recordID { condition = "\(condition) AND record_id = \(recordID)" }
        if let outcome { condition = "\(condition) AND outcome = \(outcome)" }
        if let from { condition = "\(condition) AND created_at >= \(from)" }
        if let to { condition = "\(condition) AND created_at < \(to)" }
        return condition
    }

    /// The page.
    var statement: SQL {
        let older: SQL = if let after { "AND (created_at, id) < (\(after.createdAt), \(after.id))" } else { "" }
        return """
            SELECT \(RunRecord.columns) FROM runs WHERE \(condition) \(older)
            ORDER BY created_at DESC, id DESC LIMIT \(limit)
            """
    }
}
