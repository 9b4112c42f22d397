/// The SQL database: transactions over one text that every engine accepts.
///
/// The engine is either SQLite, one file with one writer and several readers beside it, shared with other processes on
/// the same machine; or PostgreSQL, shared with processes anywhere. Statements run on the engine's own threads, so that
/// waiting for a disk, a server or another process never takes a thread of Swift's cooperative pool. Closing happens
/// when the last copy of the value goes away.
package struct Database: Sendable {
    private let engine: any Engine

    init(engine: any Engine) {
        self.engine = engine
    }

    /// Opens an SQLite database, creates it where there is none, and brings its schema up to date.
    ///
    /// The folder must exist. A new file is readable by its owner only, and so are the files SQLite puts beside it.
    /// Several processes may open a fresh database at once: one of them applies each migration, the others wait.
    ///
    /// - Parameter migrations: The tables this program needs, from every module that owns some, in any order.
    /// - Throws: `migration` if the database was written by a newer program or a migration fails; `inputOutput`,
    ///   `corrupt`, `busy`.
    package static func open(path: String, migrations: [Migration]) async throws(DatabaseError) -> Database {
        let database = Database(engine: try await SQLiteEngine.open(path: path))
        try await Migrator(migrations: migrations).migrate(database)
        return database
    }

    /// Whether processes on several machines may use the database at once; else there is one server to a database.
    package var isShared: Bool { engine.isShared }

    /// Runs statements on one unchanging state of the database: the last commit before the first statement.
    ///
    /// - Throws: What `body` throws; `readOnly` if it writes; `cancelled` if the task is cancelled before it is done.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(DatabaseError) -> Value {
        try await engine.read(body)
    }

    /// Runs statements as one transaction; all of it is stored or, if `body` throws, nothing.
    ///
    /// When this returns, the transaction is on disk and survives power loss. It runs to its end also when the task is
    /// cancelled, so that a client that hangs up leaves nothing undecided. `body` must have no effect outside the
    /// database, since it is run again when it collided with another transaction.
    ///
    /// On PostgreSQL a statement that fails ends the transaction. So `body` should let its error out; where it does not,
    /// `write` throws it all the same.
    ///
    /// Without locks or a group the outcome is as if the transaction had been alone, whatever it reads and writes: on
    /// PostgreSQL it is serializable, and those that collide are repeated. Where many transactions meet on the same
    /// rows, a lock that stands for these rows makes them wait for each other instead: with locks, each statement of
    /// the body sees what was committed before it, and only the locks keep others out. On SQLite every writer is alone
    /// anyway.
    ///
    /// Writes of a group all hold the group's lock, and those of one process that wait for it together share a
    /// transaction; see `TransactionGroup`.
    ///
    /// - Throws: What `body` throws; `connectionLost` if the server went away, where nobody knows whether a commit in
    ///   flight happened; `busy` if others hold a lock for too long.
    package func write<Value: Sendable>(
        holding locks: [TransactionLock] = [],
        inGroup group: TransactionGroup? = nil,
        durability: Durability = .synced,
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(DatabaseError) -> Value {
        try await engine.write(WriteOptions(locks: locks, group: group, durability: durability), body)
    }

    /// Runs one statement in a transaction of its own; returns how many rows it changed.
    @discardableResult
    package func execute(_ sql: SQL) async throws(DatabaseError) -> Int {
        try await write { connection throws(DatabaseError) in try connection.execute(sql) }
    }

    /// All rows of one reading statement, in the statement's order.
    package func query(_ sql: SQL) async throws(DatabaseError) -> [Row] {
        try await engine.query(sql, countMax: .max)
    }

    /// The first row of one reading statement, nil if there is none.
    package func queryOne(_ sql: SQL) async throws(DatabaseError) -> Row? {
        try await engine.query(sql, countMax: 1).first
    }

    /// A value that differs from an earlier one if a transaction that announced `topic` was committed in between.
    ///
    /// It costs no statement and at most a microsecond. Announcements of this process count from the moment `write`
    /// returns. Those of others on the same SQLite file do too, unless the other died right after its commit; those of
    /// others on PostgreSQL arrive within milliseconds while the server can be reached. So what is cached under a token
    /// must be dropped after a while all the same.
    package func changeToken(for topic: ChangeTopic) -> ChangeToken {
        engine.changeToken(for: topic)
    }
}

/// Kept statements hold the values last bound to them, and those may be secrets.
extension Database: CustomReflectable {
    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
