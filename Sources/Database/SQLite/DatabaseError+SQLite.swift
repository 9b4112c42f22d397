import GRDB

extension DatabaseError {
    /// An error of SQLite or GRDB in our words; one that is ours already stays as it is.
    init(sqlite error: any Error) {
        switch error {
        case let error as DatabaseError:
            self = error
        case let error as GRDB.DatabaseError:
            self.init(sqlite: error.extendedResultCode, message: error.message ?? "no message")
        case is CancellationError:
            self.init(.cancelled, Self.message(for: .cancelled))
        default:
            self.init(.other, Self.message(for: .other), detail: String(describing: type(of: error)))
        }
    }

    /// - Parameters:
    ///   - result: The extended code.
    ///   - message: What SQLite says, which names tables and columns, and never holds a bound value.
    init(sqlite result: ResultCode, message: String) {
        let code = Code(sqlite: result)
        self.init(code, Self.message(for: code), detail: "SQLite \(result.rawValue): \(message)")
    }

    private static func message(for code: Code) -> String {
        switch code {
        case .uniqueViolation: "a row with this key exists already"
        case .foreignKey: "a row refers to one that does not exist"
        case .constraint: "a value breaks a rule of its table"
        case .busy: "the database is locked by another process"
        case .serializationFailure: "the transaction collided with another one"
        case .diskFull: "the disk is full"
        case .readOnly: "the database can't be written here"
        case .corrupt: "the database file is damaged or no database"
        case .inputOutput: "the database file can't be reached"
        case .cancelled: "the task was cancelled"
        default: "the database failed"
        }
    }
}

extension DatabaseError.Code {
    /// https://www.sqlite.org/rescode.html
    fileprivate init(sqlite result: ResultCode) {
        switch result {
        case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY, .SQLITE_CONSTRAINT_ROWID:
            self = .uniqueViolation
        case .SQLITE_CONSTRAINT_FOREIGNKEY:
            self = .foreignKey
        case .SQLITE_BUSY_SNAPSHOT:
            self = .serializationFailure
        default:
            self.init(sqlitePrimary: result.primaryResultCode)
        }
    }

    private init(sqlitePrimary code: ResultCode) {
        switch code {
        case .SQLITE_CONSTRAINT: self = .constraint
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL: self = .busy
        case .SQLITE_FULL: self = .diskFull
        case .SQLITE_READONLY: self = .readOnly
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .corrupt
        case .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_PERM: self = .inputOutput
        case .SQLITE_INTERRUPT: self = .cancelled
        default: self = .other
        }
    }
}
