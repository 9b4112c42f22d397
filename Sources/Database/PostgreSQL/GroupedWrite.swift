/// A write that waits for others of its group to share a transaction with.
struct GroupedWrite: QueuedJob {
    let options: WriteOptions
    private let write: QueuedWrite

    init(_ options: WriteOptions, _ write: QueuedWrite) {
        self.options = options
        self.write = write
    }

    func attempt(on session: PostgresSession) -> QueuedWrite.Attempt {
        write.attempt(session)
    }

    func fail(_ error: DatabaseError) {
        write.fail(error)
    }

    /// What came of a write that failed for another reason than its body's.
    func failedAttempt(_ error: DatabaseError) -> QueuedWrite.Attempt {
        QueuedWrite.Attempt(failure: error) { write.fail(error) }
    }

    func refuse() {
        fail(.tooManyWaiting)
    }
}

extension WriteOptions {
    /// The options of one transaction for writes of one group, which may be all but empty.
    init(joining writes: [GroupedWrite]) {
        self.init(
            locks: writes.flatMap(\.options.locks),
            group: writes.first?.options.group,
            durability: writes.allSatisfy { $0.options.durability == .relaxed } ? .relaxed : .synced)
    }
}

extension DatabaseError {
    static let tooManyWaiting = DatabaseError(.busy, "too many transactions are waiting")
}
