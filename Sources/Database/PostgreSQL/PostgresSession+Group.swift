internal import Postgres

extension PostgresSession {
    /// Runs writes of one group as one transaction, which ends with the first that fails.
    func attemptTogether(_ writes: [GroupedWrite]) -> TransactionOutcome<[QueuedWrite.Attempt]> {
        attemptWrite(WriteOptions(joining: writes)) { _ throws(DatabaseError) in
            try writes.map { write throws(DatabaseError) in
                let attempt = write.attempt(on: self)
                if let error = attempt.failure { throw error }
                return attempt
            }
        }
    }

    /// Runs writes of one group as one transaction, from which those that fail are left out.
    ///
    /// - Parameter waitingForLocks: False fails the writes whose locks others hold now, where they held some for longer
    ///   than anybody waits.
    /// - Returns: What came of each; nil for one that collided and was undone, which is worth another transaction.
    func attemptApart(
        _ writes: [GroupedWrite], waitingForLocks: Bool
    ) -> TransactionOutcome<[QueuedWrite.Attempt?]> {
        var options = WriteOptions(joining: writes)
        let locks = options.locks
        if !waitingForLocks { options.locks = [] }
        return attemptWrite(options) { _ throws(DatabaseError) in
            let heldKeys = waitingForLocks ? [] : try takeFree(locks)
            return try writes.map { write throws(DatabaseError) in
                guard heldKeys.isDisjoint(with: write.options.locks.map(\.advisoryKey)) else {
                    return write.failedAttempt(DatabaseError(.busy, "others hold a lock of the database for too long"))
                }
                return try attemptInSavepoint(write)
            }
        }
    }

    /// Takes the locks that are free; returns the numbers of the others.
    private func takeFree(_ locks: [TransactionLock]) throws(DatabaseError) -> Set<Int64> {
        let rows = try query(TransactionScript.takingFree(locks), countMax: .max)
        return Set(try rows.map { row throws(DatabaseError) in try row.decode("key", as: Int64.self) })
    }

    /// - Returns: nil if the write collided.
    /// - Throws: What fails the whole transaction.
    private func attemptInSavepoint(_ write: GroupedWrite) throws(DatabaseError) -> QueuedWrite.Attempt? {
        let announcementsBefore = announcements
        try controlSavepoint("SAVEPOINT write")
        let attempt = write.attempt(on: self)
        let cause = failure
        if let cause, isLost { throw DatabaseError(postgres: cause) }
        guard attempt.failure != nil || cause != nil else {
            try controlSavepoint("RELEASE SAVEPOINT write")
            return attempt
        }
        reset(to: announcementsBefore)
        try controlSavepoint("ROLLBACK TO SAVEPOINT write; RELEASE SAVEPOINT write")
        guard let cause else { return attempt }
        if cause.isCollision || cause.code == .staleStatement { return nil }
        // A body that went on as if nothing had happened has failed all the same.
        return attempt.failure == nil ? write.failedAttempt(DatabaseError(postgres: cause)) : attempt
    }

    /// https://www.postgresql.org/docs/15/sql-savepoint.html
    private func controlSavepoint(_ script: String) throws(DatabaseError) {
        do {
            try control(script)
        } catch {
            throw DatabaseError(postgres: error)
        }
    }
}
