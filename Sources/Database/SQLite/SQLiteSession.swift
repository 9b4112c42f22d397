import GRDB

/// Statements on one SQLite connection, inside a transaction.
final class SQLiteSession: Session {
    private let database: GRDB.Database
    /// Nil to leave them to GRDB.
    private let statements: PreparedStatements?
    /// What SQLite undid the whole transaction for by itself. Later statements would not be in it.
    private(set) var abortion: DatabaseError?
    /// To be told to others once the transaction is committed.
    private(set) var announcements: Set<ChangeTopic> = []

    init(database: GRDB.Database, statements: PreparedStatements? = nil) {
        self.database = database
        self.statements = statements
    }

    func announce(_ topic: ChangeTopic) {
        announcements.insert(topic)
    }

    func execute(_ sql: SQL) throws(DatabaseError) -> Int {
        try inTransaction { () throws(DatabaseError) in try prepare(sql).execute(sql.binds) }
    }

    func query(_ sql: SQL, countMax: Int) throws(DatabaseError) -> [Row] {
        try inTransaction { () throws(DatabaseError) in try prepare(sql).query(sql.binds, countMax: countMax) }
    }

    func executeScript(_ text: String) throws(DatabaseError) {
        try inTransaction { () throws(DatabaseError) in
            do {
                try database.execute(sql: text)
            } catch {
                throw DatabaseError(sqlite: error)
            }
        }
    }

    private func inTransaction<Value>(_ body: () throws(DatabaseError) -> Value) throws(DatabaseError) -> Value {
        if let abortion { throw abortion }
        do {
            return try body()
        } catch {
            if !database.isInsideTransaction { abortion = error }
            throw error
        }
    }

    private func prepare(_ sql: SQL) throws(DatabaseError) -> PreparedStatement {
        if let statements { return try statements.statement(for: sql, on: database) }
        do {
            return PreparedStatement(
                sql.isReusable
                    ? try database.cachedStatement(sql: sql.text)
                    : try database.makeStatement(sql: sql.text))
        } catch {
            throw DatabaseError(sqlite: error)
        }
    }
}
