internal import Postgres

/// How one attempt at a transaction ended.
enum TransactionOutcome<Value> {
    case done(Value)
    /// The body threw. Nothing is stored.
    case refused(DatabaseError)
    /// A statement failed for `cause`. Nothing is stored, and the transaction may be run again where that promises
    /// something; `error` is what the caller gets otherwise.
    case failed(cause: PostgresError, error: DatabaseError)
    /// The connection broke while the transaction was being committed; nobody knows whether it was.
    case unknown(PostgresError)

    static func failed(_ cause: PostgresError) -> Self {
        .failed(cause: cause, error: DatabaseError(postgres: cause))
    }
}

extension PostgresSession {
    /// Runs one statement outside any transaction, where it sees what was committed before it and can't write.
    func attemptQuery(_ sql: SQL, countMax: Int) -> TransactionOutcome<[Row]> {
        reset()
        return conclude(Result { () throws(DatabaseError) in try query(sql, countMax: countMax) })
    }

    /// Runs a transaction that only reads. What it has read stays true however it ends.
    func attemptRead<Value>(_ body: (Connection) throws(DatabaseError) -> Value) -> TransactionOutcome<Value> {
        let outcome = attempt(TransactionScript.reading, body)
        rollBack()
        return outcome
    }

    /// Runs a transaction that writes, to its end.
    func attemptWrite<Value>(
        _ options: WriteOptions, _ body: (Connection) throws(DatabaseError) -> Value
    ) -> TransactionOutcome<Value> {
        let outcome = attempt(TransactionScript.writing(options), body)
        guard case .done(let value) = outcome else {
            rollBack()
            return outcome
        }
        return commit(value)
    }

    private func attempt<Value>(
        _ beginning: String, _ body: (Connection) throws(DatabaseError) -> Value
    ) -> TransactionOutcome<Value> {
        reset()
        do {
            try control(beginning)
        } catch {
            return .failed(error)
        }
        return conclude(Result { () throws(DatabaseError) in try body(Connection(session: self)) })
    }

    /// A statement that failed has ended the transaction, even if the body went on as if it had not.
    private func conclude<Value>(_ result: Result<Value, DatabaseError>) -> TransactionOutcome<Value> {
        switch (result, failure) {
        case (.success(let value), nil): .done(value)
        case (.success, let cause?): .failed(cause)
        case (.failure(let error), nil): .refused(error)
        case (.failure(let error), let cause?): .failed(cause: cause, error: error)
        }
    }

    private func commit<Value>(_ value: Value) -> TransactionOutcome<Value> {
        guard isInTransaction else {
            return .refused(DatabaseError(.other, "the database failed", detail: "the transaction ended itself"))
        }
        do {
            let done = try control(TransactionScript.committing(announcements))
            guard done == "COMMIT" else {
                return .refused(
                    DatabaseError(.other, "the database failed", detail: "COMMIT was answered with \(done)"))
            }
            return .done(value)
        } catch {
            rollBack()
            return error.code == .connectionLost ? .unknown(error) : .failed(error)
        }
    }

    /// If it fails, the session is still in its transaction and is not used again, which ends the transaction too.
    private func rollBack() {
        guard !isLost, isInTransaction else { return }
        _ = try? control("ROLLBACK")
    }
}
