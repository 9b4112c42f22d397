package import Database

extension Ledger {
    /// Records a run that reached no provider: it is among the user's runs, and neither charged nor counted as usage.
    ///
    /// A run is recorded once: when it comes again, nothing changes.
    ///
    /// - Parameters:
    ///   - usage: With the outcome `rejected`, or `interrupted` if the client left before; no tokens and no cost.
    ///   - companion, group: As in `settle`.
    /// - Throws: `runConflict` if another user has a run with this id; `invalidAmount` if the usage is not that of a
    ///   rejected run.
    package func recordRejection(
        _ usage: RunUsage, for principal: Principal, alongWith companion: TransactionPart? = nil,
        inGroup group: TransactionGroup? = nil
    ) async throws(AccountsError) {
        try usage.checkRejection()
        let userID = principal.userID
        let row = UsageRow(rejected: usage, of: principal, at: now())
        let record = RunRecord(row, details: usage.details, isUsage: false, recordID: usage.recordID)
        let isRecorded = try await write(holding: .run(usage.runID), inGroup: group) {
            connection throws(DatabaseError) in
            guard try record.store(for: userID, connection) else {
                let recorded = try connection.queryOne(
                    "SELECT id FROM runs WHERE run_id = \(usage.runID) AND user_id = \(userID)")
                return recorded != nil
            }
            try companion?(connection)
            return true
        }
        guard isRecorded else { throw AccountsError(.runConflict, "a run with this id exists already") }
    }
}

extension TransactionLock {
    /// Held by whoever records a run without changing an account.
    fileprivate static func run(_ runID: String) -> TransactionLock { TransactionLock("run/\(runID)") }
}
