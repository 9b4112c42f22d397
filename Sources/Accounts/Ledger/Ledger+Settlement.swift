package import Database

extension Ledger {
    /// Charges what a run has used, also where that is more than was reserved, records the run and ends the reservation.
    ///
    /// A run is settled once: when it is settled again, the answer is the row as it is, and nothing is charged. When this
    /// throws `database`, the reservation stands until it is settled or released, since nobody may know what was stored.
    ///
    /// - Parameters:
    ///   - companion: What else is stored with the run, in the same transaction; not run for a run that is recorded
    ///     already. Like every transaction's body it may be run again, and has no effect elsewhere.
    ///   - group: The group that writes what `companion` does.
    /// - Throws: `runConflict` if another user has a run with this id; `invalidAmount` if the usage or the user's new
    ///   balance is out of range, or the run was rejected.
    package func settle(
        _ reservation: Reservation, as usage: RunUsage, alongWith companion: TransactionPart? = nil,
        inGroup group: TransactionGroup? = nil
    ) async throws(AccountsError) -> UsageRow {
        reservations.settlementBegins(of: reservation, asRun: usage.runID)
        var settlement: Settlement?
        defer { reservations.settlementEnds(of: reservation, asRun: usage.runID, with: settlement) }
        let outcome = try await write(accountOf: reservation.userID, inGroup: group) {
            connection throws(DatabaseError) in
            try Self.settle(reservation, as: usage, alongWith: companion, on: connection)
        }
        settlement = try outcome.get()
        return try outcome.get().row
    }

    /// The part of `settle` that happens in the database, for a transaction that holds the account's lock or none. What
    /// else belongs to the run can go into the same transaction.
    ///
    /// - Returns: A refusal, after which the transaction has changed nothing, with the codes of `settle`.
    package static func settle(
        _ reservation: Reservation, as usage: RunUsage, alongWith companion: TransactionPart? = nil,
        on connection: Connection
    ) throws(DatabaseError) -> Result<Settlement, AccountsError> {
        let before = try LedgerAccount.read(reservation.userID, connection)
        let after: LedgerAccount
        do throws(AccountsError) {
            try usage.check()
            after = usage.cost == .zero ? before : try before.charged(usage.cost)
        } catch {
            return .failure(error)
        }
        let costCents = after.spent.roundedCents - before.spent.roundedCents
        let row = UsageRow(usage, of: reservation, costCents: costCents)
        let record = RunRecord(row, details: usage.details, isUsage: true, recordID: usage.recordID)
        guard try record.store(for: reservation.userID, connection) else {
            return try settled(reservation, runID: usage.runID, connection)
        }
        if after.lastEntry > before.lastEntry {
            let entry = LedgerEntry(
                counterAccount: LedgerEntry.revenueAccount, reference: usage.runID, reason: "",
                createdAt: reservation.madeAt)
            try entry.store(for: reservation.userID, from: before, to: after, connection)
        }
        try end(reservation, connection)
        try companion?(connection)
        return .success(Settlement(row: row, entry: usage.cost == .zero ? nil : after.lastEntry))
    }

    /// How a run that is recorded already was settled.
    private static func settled(
        _ reservation: Reservation, runID: String, _ connection: Connection
    ) throws(DatabaseError) -> Result<Settlement, AccountsError> {
        let userID = reservation.userID
        let recorded = try connection.queryOne(
            "SELECT \(UsageRow.columns) FROM runs WHERE run_id = \(runID) AND user_id = \(userID)")
        guard let recorded else {
            return .failure(AccountsError(.runConflict, "a run with this id exists already"))
        }
        let entry = try connection.queryOne(
            """
            SELECT seq FROM ledger_entries
            WHERE counter_account = \(LedgerEntry.revenueAccount) AND reference = \(runID)
            """)
        try end(reservation, connection)
        return .success(
            Settlement(row: try UsageRow(row: recorded), entry: try entry?.decode("seq", as: Int64.self)))
    }

    private static func end(_ reservation: Reservation, _ connection: Connection) throws(DatabaseError) {
        guard reservation.isLeased else { return }
        try connection.execute("DELETE FROM reservations WHERE id = \(reservation.id)")
    }
}
