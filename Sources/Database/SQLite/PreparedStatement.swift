import GRDB
import GRDBSQLite
import Glibc

/// A prepared statement of one connection, bound and stepped by SQLite's own functions, since GRDB's cost more than what
/// SQLite itself has to do. No pointer of SQLite leaves this type.
///
/// It is used where its connection is used. Parameters keep their values until they are bound again.
struct PreparedStatement {
    private let statement: Statement

    /// What SQLite calls `SQLITE_TRANSIENT`: it copies the value before the function returns.
    private nonisolated(unsafe) static let isCopied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    init(_ statement: Statement) {
        self.statement = statement
    }

    /// Runs the statement to its end; returns how many rows it inserted, updated or deleted.
    func execute(_ binds: [SQLValue] = []) throws(DatabaseError) -> Int {
        try bind(binds)
        defer { reset() }
        let before = unsafe sqlite3_total_changes(connection)
        while try step() {}
        // Statements that change no row leave the count of the one before; cascades are no rows of this one.
        return unsafe sqlite3_total_changes(connection) == before ? 0 : Int(sqlite3_changes(connection))
    }

    /// The first rows of the statement. What it writes is written before there is a first row.
    /// https://www.sqlite.org/lang_returning.html
    func query(_ binds: [SQLValue], countMax: Int) throws(DatabaseError) -> [Row] {
        try bind(binds)
        defer { reset() }
        let columns = statement.columnNames
        var rows: [Row] = []
        while rows.count < countMax, try step() {
            rows.append(Row(columns: columns, values: columns.indices.map { value(ofColumn: Int32($0)) }))
        }
        return rows
    }

    /// Returns whether there is a row.
    private func step() throws(DatabaseError) -> Bool {
        let code = unsafe sqlite3_step(statement.sqliteStatement)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw failure(code)
        }
    }

    /// Makes the statement ready to be run again. What this returns is the failure that `step` has thrown already.
    private func reset() {
        _ = unsafe sqlite3_reset(statement.sqliteStatement)
    }

    private var connection: OpaquePointer? { unsafe sqlite3_db_handle(statement.sqliteStatement) }

    private func failure(_ code: Int32) -> DatabaseError {
        unsafe DatabaseError(sqlite: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(connection)))
    }

    /// Parameters are bound by position, which `SQL` makes the same as their number.
    private func bind(_ values: [SQLValue]) throws(DatabaseError) {
        var index: Int32 = 0
        for value in values {
            index += 1
            let code = try bind(value, at: index)
            guard code == SQLITE_OK else { throw failure(code) }
        }
    }

    private func bind(_ value: SQLValue, at index: Int32) throws(DatabaseError) -> Int32 {
        let pointer = unsafe statement.sqliteStatement
        switch value {
        case .null:
            return unsafe sqlite3_bind_null(pointer, index)
        case .integer(let integer):
            return unsafe sqlite3_bind_int64(pointer, index, integer)
        case .real(let real):
            return unsafe sqlite3_bind_double(pointer, index, real)
        case .text(var text):
            let code = text.withUTF8 { bytes -> Int32? in
                guard let start = bytes.baseAddress, !bytes.isEmpty else {
                    return unsafe sqlite3_bind_text(pointer, index, "", 0, Self.isCopied)
                }
                guard unsafe memchr(start, 0, bytes.count) == nil else { return nil }
                return unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
                    unsafe sqlite3_bind_text(
                        pointer, index, characters.baseAddress, Int32(characters.count), Self.isCopied)
                }
            }
            guard let code else { throw DatabaseError(.invalidValue, "text with NUL can't be stored") }
            return code
        case .blob(let bytes):
            // Without bytes there may be no address, which would mean null.
            return bytes.isEmpty
                ? unsafe sqlite3_bind_zeroblob(pointer, index, 0)
                : unsafe sqlite3_bind_blob(pointer, index, bytes, Int32(bytes.count), Self.isCopied)
        }
    }

    private func value(ofColumn index: Int32) -> SQLValue {
        let pointer = unsafe statement.sqliteStatement
        switch unsafe sqlite3_column_type(pointer, index) {
        case SQLITE_INTEGER:
            return .integer(unsafe sqlite3_column_int64(pointer, index))
        case SQLITE_FLOAT:
            return .real(unsafe sqlite3_column_double(pointer, index))
        case SQLITE_TEXT:
            let start = unsafe sqlite3_column_text(pointer, index)
            let count = Int(unsafe sqlite3_column_bytes(pointer, index))
            return .text(unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            let start = unsafe sqlite3_column_blob(pointer, index)
            let count = Int(unsafe sqlite3_column_bytes(pointer, index))
            return .blob(unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count)))
        default:
            return .null
        }
    }
}
