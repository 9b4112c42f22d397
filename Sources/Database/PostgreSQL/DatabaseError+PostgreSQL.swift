internal import Postgres

extension DatabaseError {
    /// An error of PostgreSQL in our words.
    init(postgres error: PostgresError) {
        let code = Code(postgres: error)
        let message = error.code == .invalidURL ? "the database's URL is not usable" : Self.message(for: code)
        self.init(code, message, detail: error.description)
    }

    private static func message(for code: Code) -> String {
        switch code {
        case .uniqueViolation: "a row with this key exists already"
        case .foreignKey: "a row refers to one that does not exist"
        case .constraint: "a value breaks a rule of its table"
        case .busy: "the database server is too busy"
        case .serializationFailure: "the transaction collided with another one"
        case .connectionLost: "the database server can't be reached"
        case .diskFull: "the database server's disk is full"
        case .readOnly: "the database can't be written here"
        case .corrupt: "the database server's files are damaged"
        case .inputOutput: "the database server can't reach its files"
        case .invalidRow: "a result has a column of a type that can't be read"
        default: "the database failed"
        }
    }
}

extension DatabaseError.Code {
    fileprivate init(postgres error: PostgresError) {
        switch error.code {
        case .unreachable, .connectionLost: self = .connectionLost
        case .unsupportedType: self = .invalidRow
        case .refused, .staleStatement: self = Self.codes[error.sqlState] ?? Self.init(sqlStateClass: error.sqlState)
        case .invalidURL: self = .other
        }
    }

    /// https://www.postgresql.org/docs/15/errcodes-appendix.html
    private static let codes: [String: Self] = [
        "23505": .uniqueViolation,
        "23503": .foreignKey,
        "40001": .serializationFailure,
        "40P01": .serializationFailure,
        // A lock that others held for too long, and a statement that took too long or was cancelled by an operator.
        "55P03": .busy,
        "57014": .busy,
        "25006": .readOnly,
        "53100": .diskFull,
        // The server is ending, starting, or has lost a process.
        "57P01": .connectionLost,
        "57P02": .connectionLost,
        "57P03": .connectionLost,
        // The session sat in its transaction for too long.
        "25P03": .connectionLost,
        "58030": .inputOutput,
        "XX001": .corrupt,
        "XX002": .corrupt,
    ]

    private init(sqlStateClass sqlState: String) {
        switch sqlState.prefix(2) {
        case "08": self = .connectionLost
        case "23": self = .constraint
        // Out of memory, connections or locks.
        case "53": self = .busy
        default: self = .other
        }
    }
}
