import GRDB
import Synchronization

/// Runs writes on the one connection that writes, those that wait together as one SQLite transaction.
///
/// A commit costs a sync of the disk, whatever it holds, so writes that arrive during one share the next: each is a
/// savepoint, undone by itself when its body throws. What the transaction as a whole fails with, such as a full disk,
/// every write in it fails with. https://www.sqlite.org/lang_savepoint.html
final class SQLiteWriter: Sendable {
    private struct State {
        var waiting: [QueuedWrite] = []
        var isDraining = false
    }

    private let pool: DatabasePool
    private let changes: ChangeFile
    private let checkpointer: SQLiteCheckpointer
    private let state = Mutex(State())

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
        while let group = nextGroup() {
            do {
                let (attempts, announcements) = try commit(group, to: database)
                checkpointer.committed()
                changes.announce(announcements)
                for attempt in attempts { attempt.deliver() }
            } catch {
                let failure = DatabaseError(sqlite: error)
                for write in group { write.fail(failure) }
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

    /// `BEGIN IMMEDIATE` takes the write lock first, so that a transaction never fails half-way because another
    /// process wrote in between. https://www.sqlite.org/lang_transaction.html
    private func commit(
        _ group: [QueuedWrite], to database: GRDB.Database
    ) throws -> (attempts: [QueuedWrite.Attempt], announcements: Set<ChangeTopic>) {
        try database.beginTransaction(.immediate)
        do {
            var attempts: [QueuedWrite.Attempt] = []
            var announcements: Set<ChangeTopic> = []
            for write in group {
                try Self.savepoint("SAVEPOINT write", on: database)
                let session = SQLiteSession(database: database)
                let attempt = write.attempt(session)
                if let failure = attempt.failure {
                    // Some errors, such as a full disk, have SQLite roll everything back by itself.
                    guard database.isInsideTransaction else { throw failure }
                    try Self.savepoint("ROLLBACK TO write", on: database)
                } else {
                    announcements.formUnion(session.announcements)
                }
                try Self.savepoint("RELEASE write", on: database)
                attempts.append(attempt)
            }
            try database.commit()
            return (attempts, announcements)
        } catch {
            // The first error says what happened; there may be no transaction any more.
            try? database.rollback()
            throw error
        }
    }

    private static func savepoint(_ statement: String, on database: GRDB.Database) throws {
        try database.cachedStatement(sql: statement).execute()
    }
}

/// A write that waits for its turn, whatever its result.
private struct QueuedWrite: Sendable {
    /// What came of the body, to be told to the caller once the transaction it was in is known to be stored.
    struct Attempt {
        let failure: DatabaseError?
        let deliver: () -> Void
    }

    let attempt: @Sendable (SQLiteSession) -> Attempt
    let fail: @Sendable (DatabaseError) -> Void

    init<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value,
        resume: @escaping @Sendable (Result<Value, DatabaseError>) -> Void
    ) {
        attempt = { session in
            do throws(DatabaseError) {
                let value = try body(Connection(session: session))
                return Attempt(failure: nil) { resume(.success(value)) }
            } catch {
                return Attempt(failure: error) { resume(.failure(error)) }
            }
        }
        fail = { resume(.failure($0)) }
    }
}
