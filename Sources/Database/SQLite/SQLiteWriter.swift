import GRDB
import Synchronization

/// Runs writes on the one connection that writes, those that wait together as one SQLite transaction.
///
/// A commit costs a sync of the disk, whatever it holds, so writes that arrive during one share the next. A write whose
/// body throws is undone by itself; what the transaction as a whole fails with, such as a full disk, every write in it
/// fails with.
final class SQLiteWriter: Sendable {
    private struct State {
        var waiting: [QueuedWrite] = []
        var isDraining = false
    }

    private let pool: DatabasePool
    private let changes: ChangeFile
    private let checkpointer: SQLiteCheckpointer
    private let state = Mutex(State())
    /// Only `drain` uses them, and the pool runs that on the one queue of the connection that writes.
    private nonisolated(unsafe) let statements = PreparedStatements()

    static let waitingCountMax = 4096
    /// Bounds how long a write waits for those that came after it.
    static let groupCountMax = 128

    init(pool: DatabasePool, changes: ChangeFile, checkpointer: SQLiteCheckpointer) {
        self.pool = pool
        self.changes = changes
        self.checkpointer = checkpointer
    }

    /// How many writes the next groups will be made of.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(DatabaseError) -> Value {
        let outcome: Result<Value, DatabaseError> = await withCheckedContinuation { continuation in
            enqueue(QueuedWrite(body) { continuation.resume(returning: $0) })
        }
        return try outcome.get()
    }

    private func enqueue(_ write: QueuedWrite) {
        enum Verdict {
            case start, wait, refuse
        }
        let verdict: Verdict = state.withLock { state in
            guard state.waiting.count < Self.waitingCountMax else { return .refuse }
            state.waiting.append(write)
            defer { state.isDraining = true }
            return state.isDraining ? .wait : .start
        }
        switch verdict {
        case .start: pool.asyncWriteWithoutTransaction { self.drain(into: $0) }
        case .wait: break
        case .refuse: write.fail(DatabaseError(.busy, "too many writes are waiting"))
        }
    }

    private func drain(into database: GRDB.Database) {
        let connection = unsafe SQLiteTransaction(database: database, statements: statements)
        while let group = nextGroup() {
            do throws(DatabaseError) {
                let (attempts, announcements) = try commit(group, to: connection)
                checkpointer.committed()
                changes.announce(announcements)
                for attempt in attempts { attempt.deliver() }
            } catch {
                for write in group { write.fail(error) }
            }
        }
    }

    private func nextGroup() -> [QueuedWrite]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isDraining = false
                return nil
            }
            defer { state.waiting.removeFirst(min(state.waiting.count, Self.groupCountMax)) }
            return Array(state.waiting.prefix(Self.groupCountMax))
        }
    }

    private typealias Outcome = (attempts: [QueuedWrite.Attempt], announcements: Set<ChangeTopic>)

    private func commit(_ group: [QueuedWrite], to transaction: SQLiteTransaction) throws(DatabaseError) -> Outcome {
        do throws(DatabaseError) {
            if let outcome = try commitTogether(group, to: transaction) { return outcome }
            return try commitApart(group, to: transaction)
        } catch {
            transaction.rollback()
            throw error
        }
    }

    /// Commits the group without savepoints, which have SQLite keep a copy of every page that changes. Few writes throw.
    ///
    /// - Returns: nil, with nothing changed, if one threw and was not alone.
    private func commitTogether(
        _ group: [QueuedWrite], to transaction: SQLiteTransaction
    ) throws(DatabaseError) -> Outcome? {
        var outcome: Outcome = ([], [])
        try transaction.begin()
        for write in group {
            let (attempt, announcements) = try transaction.run(write)
            guard attempt.failure == nil else {
                transaction.rollback()
                return group.count == 1 ? ([attempt], []) : nil
            }
            outcome.attempts.append(attempt)
            outcome.announcements.formUnion(announcements)
        }
        try transaction.commit()
        return outcome
    }

    /// Commits the group, each write a savepoint, so that those that throw can be undone without the others.
    private func commitApart(
        _ group: [QueuedWrite], to transaction: SQLiteTransaction
    ) throws(DatabaseError) -> Outcome {
        var outcome: Outcome = ([], [])
        try transaction.begin()
        for write in group {
            try transaction.beginSavepoint()
            let (attempt, announcements) = try transaction.run(write)
            if attempt.failure == nil {
                outcome.announcements.formUnion(announcements)
            } else {
                try transaction.undoSavepoint()
            }
            try transaction.endSavepoint()
            outcome.attempts.append(attempt)
        }
        try transaction.commit()
        return outcome
    }
}
