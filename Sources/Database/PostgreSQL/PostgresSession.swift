internal import Postgres

/// One connection of the engine and the statements on it, inside a transaction or one by one.
///
/// The first statement that fails ends its transaction on the server, so that no later one has to be tried.
final class PostgresSession: Session {
    private var connection: PostgresConnection
    /// The first failure of a statement since `reset`.
    private(set) var failure: PostgresError?
    /// To be told to others if the transaction is committed.
    private(set) var announcements: Set<ChangeTopic> = []

    /// Longer than the server's own limit, for a server that does not answer at all.
    private static let answerTimeout = Duration.seconds(40)

    private static let setUp = """
        SET default_transaction_read_only = on;
        SET default_transaction_isolation = 'read committed';
        SET statement_timeout = '30s';
        SET lock_timeout = '5s';
        SET idle_in_transaction_session_timeout = '60s';
        SET standard_conforming_strings = on;
        SET TimeZone = 'UTC';
        SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
        """

    init(url: String) throws(PostgresError) {
        connection = try PostgresConnection(url: url)
        connection.answerTimeout = Self.answerTimeout
        try connection.run(script: Self.setUp)
    }

    /// Whether the session is of no more use.
    var isLost: Bool { failure?.code == .connectionLost }

    var isInTransaction: Bool { connection.isInTransaction }

    /// Forgets what the last transaction left, or everything after a point that it was taken back to.
    func reset(to announcements: Set<ChangeTopic> = []) {
        failure = nil
        self.announcements = announcements
    }

    /// Runs statements that begin or end a transaction; returns what the last one did.
    @discardableResult
    func control(_ script: String) throws(PostgresError) -> String {
        try recordingFailure { connection throws(PostgresError) in try connection.run(script: script).commandTag }
    }

    func execute(_ sql: SQL) throws(DatabaseError) -> Int {
        let values = try Self.values(sql)
        return try statement { connection throws(PostgresError) in
            try connection.run(sql.text, values, isKept: sql.isReusable).changedRowCount
        }
    }

    func query(_ sql: SQL, countMax: Int) throws(DatabaseError) -> [Row] {
        let values = try Self.values(sql)
        return try statement { connection throws(PostgresError) in
            let result = try connection.run(sql.text, values, isKept: sql.isReusable)
            let columns = result.columnNames
            return try result.rows(countMax: countMax).map { row in
                Row(columns: columns, values: row.map(SQLValue.init(postgres:)))
            }
        }
    }

    /// A migration takes as long as it takes.
    func executeScript(_ text: String) throws(DatabaseError) {
        connection.answerTimeout = nil
        defer { connection.answerTimeout = Self.answerTimeout }
        try statement { connection throws(PostgresError) in
            _ = try connection.run(script: "SET LOCAL statement_timeout = 0")
            _ = try connection.run(script: text)
        }
    }

    func announce(_ topic: ChangeTopic) {
        announcements.insert(topic)
    }

    private func statement<Value>(
        _ body: (inout PostgresConnection) throws(PostgresError) -> Value
    ) throws(DatabaseError) -> Value {
        if let failure { throw DatabaseError(postgres: failure) }
        do {
            return try recordingFailure(body)
        } catch {
            throw DatabaseError(postgres: error)
        }
    }

    private func recordingFailure<Value>(
        _ body: (inout PostgresConnection) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        do {
            return try body(&connection)
        } catch {
            // A result that can't be read is no failure of the statement.
            if error.code != .unsupportedType { failure = failure ?? error }
            throw error
        }
    }

    private static func values(_ sql: SQL) throws(DatabaseError) -> [PostgresValue] {
        try sql.binds.map { bind throws(DatabaseError) in
            switch bind {
            case .null: return .null
            case .integer(let integer): return .integer(integer)
            case .real(let real): return .real(real)
            case .text(let text):
                guard !text.utf8.contains(0) else {
                    throw DatabaseError(.invalidValue, "text with NUL can't be stored")
                }
                return .text(text)
            case .blob(let bytes): return .bytes(bytes)
            }
        }
    }
}

extension SQLValue {
    fileprivate init(postgres value: PostgresValue) {
        switch value {
        case .null: self = .null
        case .integer(let integer): self = .integer(integer)
        case .real(let real): self = .real(real)
        case .text(let text): self = .text(text)
        case .bytes(let bytes): self = .blob(bytes)
        }
    }
}
