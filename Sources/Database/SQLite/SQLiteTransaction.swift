import GRDB

/// The transaction of the connection that writes, one at a time.
struct SQLiteTransaction {
    private let database: GRDB.Database
    private let statements: PreparedStatements

    init(database: GRDB.Database, statements: PreparedStatements) {
        self.database = database
        self.statements = statements
    }

    /// `BEGIN IMMEDIATE` takes the write lock first, so that a transaction never fails half-way because another
    /// process wrote in between. https://www.sqlite.org/lang_transaction.html
    func begin() throws(DatabaseError) { try execute(Self.beginning) }

    func commit() throws(DatabaseError) { try execute(Self.committing) }

    /// Ends the transaction, if there still is one, and leaves nothing of it.
    func rollback() {
        guard database.isInsideTransaction else { return }
        // What could go wrong has SQLite roll back by itself. https://www.sqlite.org/lang_transaction.html
        try? execute(Self.rollingBack)
    }

    /// https://www.sqlite.org/lang_savepoint.html
    func beginSavepoint() throws(DatabaseError) { try execute(Self.beginningSavepoint) }
    func undoSavepoint() throws(DatabaseError) { try execute(Self.undoingSavepoint) }
    func endSavepoint() throws(DatabaseError) { try execute(Self.endingSavepoint) }

    /// Runs a write, whose own failure is in the attempt.
    ///
    /// - Throws: What SQLite undid the whole transaction for by itself, such as a full disk.
    func run(
        _ write: QueuedWrite
    ) throws(DatabaseError) -> (attempt: QueuedWrite.Attempt, announcements: Set<ChangeTopic>) {
        let session = SQLiteSession(database: database, statements: statements)
        let attempt = write.attempt(session)
        if let failure = session.abortion { throw failure }
        return (attempt, session.announcements)
    }

    private func execute(_ sql: SQL) throws(DatabaseError) {
        _ = try statements.statement(for: sql, on: database).execute([])
    }

    private static let beginning = SQL.template("BEGIN IMMEDIATE")
    private static let committing = SQL.template("COMMIT")
    private static let rollingBack = SQL.template("ROLLBACK")
    private static let beginningSavepoint = SQL.template("SAVEPOINT write")
    private static let undoingSavepoint = SQL.template("ROLLBACK TO write")
    private static let endingSavepoint = SQL.template("RELEASE write")
}
