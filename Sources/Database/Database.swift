/// The SQL database: transactions over one text that every engine accepts.
///
/// The engine is SQLite: one file, one writer and several readers beside it, shared with other processes on the same
/// machine. Statements run on the engine's own threads, so that waiting for the disk or for another process never
/// takes a thread of Swift's cooperative pool. Closing happens when the last copy of the value goes away.
package struct Database: Sendable {
    private let engine: SQLiteEngine

    /// Opens the database, creates it where there is none, and brings its schema up to date.
    ///
    /// The folder must exist. A new file is readable by its owner only, and so are the files SQLite puts beside it.
    /// Several processes may open a fresh database at once: one of them applies each migration, the others wait.
    ///
    /// - Parameter migrations: The tables this program needs, from every module that owns some, in any order.
    /// - Throws: `migration` if the database was written by a newer program or a migration fails; `inputOutput`,
    ///   `corrupt`, `busy`.
    package static func open(path: String, migrations: [Migration]) async throws(DatabaseError) -> Database {
        let engine = try await SQLiteEngine.open(path: path)
        let database = Database(engine: engine)
        try await Migrator(migrations: migrations).migrate(database)
        return database
    }

    /// Runs statements on one unchanging state of the database: the last commit before the first statement.
    ///
    /// - Throws: What `body` throws; `readOnly` if it writes; `cancelled` if the task is cancelled before it is done.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(DatabaseError) -> Value {
        try await engine.read(body)
    }

    /// Runs statements as one transaction, alone among writers; all of it is stored or, if `body` throws, nothing.
    ///
    /// When this returns, the transaction is on disk and survives power loss. It runs to its end also when the task is
    /// cancelled, so that a client that hangs up leaves nothing undecided. `body` must have no effect outside the
    /// database, since it may be run again when it collided with another process.
    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(DatabaseError) -> Value {
        try await engine.write(body)
    }

    /// Runs one statement in a transaction of its own; returns how many rows it changed.
    @discardableResult
    package func execute(_ sql: SQL) async throws(DatabaseError) -> Int {
        try await write { connection throws(DatabaseError) in try connection.execute(sql) }
    }

    /// All rows of one reading statement, in the statement's order.
    package func query(_ sql: SQL) async throws(DatabaseError) -> [Row] {
        try await read { connection throws(DatabaseError) in try connection.query(sql) }
    }

    /// The first row of one reading statement, nil if there is none.
    package func queryOne(_ sql: SQL) async throws(DatabaseError) -> Row? {
        try await read { connection throws(DatabaseError) in try connection.queryOne(sql) }
    }

    /// A value that differs from an earlier one if any process committed in between; costs about a microsecond and no
    /// statement. `ChangeToken` says how far it can be trusted.
    package func changeToken() -> ChangeToken {
        engine.changeToken()
    }
}
