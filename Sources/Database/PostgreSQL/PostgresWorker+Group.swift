internal import Postgres

extension PostgresWorker {
    /// Runs writes of one group, as one transaction where they let it be one, and tells each what came of it.
    ///
    /// Few writes fail, so they are run without savepoints first. If one fails they are all undone and run again, each
    /// a savepoint, so that it can be undone without the others.
    func write(_ writes: [GroupedWrite]) {
        guard writes.count > 1 else { return writes.forEach(writeAlone) }
        do throws(DatabaseError) {
            let attempts =
                switch try writeTogether(writes) {
                case .committed(let attempts): attempts
                case .undone(let wasBusy): try writeApart(writes, waitingForLocks: !wasBusy)
                }
            for case let attempt? in attempts { attempt.deliver() }
            for (write, attempt) in zip(writes, attempts) where attempt == nil { writeAlone(write) }
        } catch {
            for write in writes { write.fail(error) }
        }
    }

    private func writeAlone(_ write: GroupedWrite) {
        do throws(DatabaseError) {
            let attempts = try repeating { announcing($0.attemptTogether([write]), of: $0) }
            for attempt in attempts { attempt.deliver() }
        } catch {
            write.fail(error)
        }
    }

    private enum TogetherOutcome {
        case committed([QueuedWrite.Attempt?])
        /// One of them failed; `wasBusy` says that it may have been for a lock that others held for too long.
        case undone(wasBusy: Bool)
    }

    private func writeTogether(_ writes: [GroupedWrite]) throws(DatabaseError) -> TogetherOutcome {
        try repeating { session in
            switch announcing(session.attemptTogether(writes), of: session) {
            case .done(let attempts): .done(.committed(attempts))
            case .refused: .done(.undone(wasBusy: false))
            case .failed(let cause, let error) where cause.code == .connectionLost: .failed(cause: cause, error: error)
            case .failed(let cause, _): .done(.undone(wasBusy: DatabaseError(postgres: cause).code == .busy))
            case .unknown(let cause): .unknown(cause)
            }
        }
    }

    private func writeApart(
        _ writes: [GroupedWrite], waitingForLocks: Bool
    ) throws(DatabaseError) -> [QueuedWrite.Attempt?] {
        try repeating { announcing($0.attemptApart(writes, waitingForLocks: waitingForLocks), of: $0) }
    }
}
