import GRDB

import struct Foundation.Data

/// Statements on one SQLite connection, inside a transaction.
final class SQLiteSession: Session {
    private let database: GRDB.Database
    /// To be told to others once the transaction is committed.
    private(set) var announcements: Set<ChangeTopic> = []

    init(database: GRDB.Database) {
        self.database = database
    }

    func announce(_ topic: ChangeTopic) {
        announcements.insert(topic)
    }

    func execute(_ sql: SQL) throws(DatabaseError) -> Int {
        do {
            let before = database.totalChangesCount
            try prepare(sql).execute()
            // Statements that change no row leave the count of the one before; cascades are no rows of this one.
            return database.totalChangesCount == before ? 0 : database.changesCount
        } catch {
            throw DatabaseError(sqlite: error)
        }
    }

    func query(_ sql: SQL, countMax: Int) throws(DatabaseError) -> [Row] {
        do {
            let statement = try prepare(sql)
            let columns = statement.columnNames
            let cursor = try GRDB.Row.fetchCursor(statement)
            var rows: [Row] = []
            while rows.count < countMax, let row = try cursor.next() {
                let values = Array(row.databaseValues.map(SQLValue.init(sqlite:)))
                rows.append(Row(columns: columns, values: values))
            }
            return rows
        } catch {
            throw DatabaseError(sqlite: error)
        }
    }

    func executeScript(_ text: String) throws(DatabaseError) {
        do {
            try database.execute(sql: text)
        } catch {
            throw DatabaseError(sqlite: error)
        }
    }

    /// Parameters are bound by position, which `SQL` makes the same as their number.
    private func prepare(_ sql: SQL) throws -> Statement {
        let statement =
            sql.isReusable
            ? try database.cachedStatement(sql: sql.text)
            : try database.makeStatement(sql: sql.text)
        // Values of one type would be mapped through a key path, which costs more than the rest of the call.
        let values: [(any DatabaseValueConvertible)?] = try sql.binds.map(Self.databaseValue)
        statement.setUncheckedArguments(StatementArguments(values))
        return statement
    }

    private static func databaseValue(_ value: SQLValue) throws(DatabaseError) -> DatabaseValue {
        switch value {
        case .null:
            return .null
        case .integer(let integer):
            return integer.databaseValue
        case .real(let real):
            return real.databaseValue
        case .text(let text):
            guard !text.utf8.contains(0) else {
                throw DatabaseError(.invalidValue, "text with NUL can't be stored")
            }
            return text.databaseValue
        case .blob(let bytes):
            return Data(bytes).databaseValue
        }
    }
}

extension SQLValue {
    fileprivate init(sqlite value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let integer): self = .integer(integer)
        case .double(let real): self = .real(real)
        case .string(let text): self = .text(text)
        case .blob(let data): self = .blob([UInt8](data))
        }
    }
}
