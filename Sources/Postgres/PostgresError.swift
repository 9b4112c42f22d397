/// What a PostgreSQL server or the way to it can fail with.
///
/// The message is for the operator's log: it names tables and columns, and never holds a value, the password or another
/// part of the connection string.
package struct PostgresError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable {
        /// The connection string is none.
        case invalidURL
        /// No connection could be made.
        case unreachable
        /// The connection broke, and with it the transaction that was open. It is of no more use.
        case connectionLost
        /// The server refused a statement.
        case refused
        /// A prepared statement no longer fits the tables; it is prepared again when the transaction is repeated.
        case staleStatement
        /// A result has a column of a type that is not read here.
        case unsupportedType
    }

    package let code: Code
    /// https://www.postgresql.org/docs/15/errcodes-appendix.html; empty where the server gave none.
    package let sqlState: String
    package let message: String

    init(_ code: Code, sqlState: String = "", _ message: String) {
        self.code = code
        self.sqlState = sqlState
        self.message = message
    }

    package var description: String {
        sqlState.isEmpty ? "PostgreSQL: \(message)" : "PostgreSQL \(sqlState): \(message)"
    }

    /// The same failure, seen to have had other consequences.
    func with(_ code: Code) -> PostgresError {
        PostgresError(code, sqlState: sqlState, message)
    }
}

extension PostgresError {
    /// - Parameter primaryMessage: The server's words for it, without the details, which hold whole rows.
    init(sqlState: String, primaryMessage: String) {
        let namesOnly = Self.classesThatNameOnly.contains(String(sqlState.prefix(2)))
        self.init(.refused, sqlState: sqlState, namesOnly ? primaryMessage : "a statement failed")
    }

    /// The classes of errors whose messages name tables, columns and words of the statement, which is constant. Others,
    /// such as 22, data exceptions, quote the value.
    private static let classesThatNameOnly: Set<String> = [
        "0A", "08", "21", "23", "25", "26", "28", "3D", "3F", "40", "42", "53", "54", "55", "57", "58", "XX",
    ]

    /// What libpq says about a connection, with everything in quotes left out: that is host, user and database, and
    /// where the connection string was misread it may be a part of the password.
    static func redacted(_ message: String) -> String {
        let parts = message.split(separator: "\"", omittingEmptySubsequences: false)
        let kept = parts.enumerated().map { index, part in index.isMultiple(of: 2) ? String(part) : "…" }
        let words = kept.joined(separator: "\"").split(whereSeparator: \.isWhitespace)
        return words.joined(separator: " ")
    }
}
