/// What a database can fail with, the same for every engine.
package struct DatabaseError: Error, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    package enum Code: Sendable, CaseIterable {
        /// A row with this key exists already.
        case uniqueViolation
        /// A row refers to one that does not exist, or is still referred to.
        case foreignKey
        /// A value breaks a `NOT NULL` or `CHECK` rule of its table.
        case constraint
        /// Others kept the database, or what was to be changed in it, locked for too long; or too many transactions
        /// wait; or a statement took too long.
        case busy
        /// The transaction collided with another one; the same transaction may succeed when run again.
        case serializationFailure
        /// The server can't be reached, or the connection broke; whether a commit in flight happened is unknown.
        case connectionLost
        /// The disk is full; nothing of the transaction was stored.
        case diskFull
        /// A statement that writes was run in `read`, or the file can't be written.
        case readOnly
        /// The database's files are damaged, or the file is no database.
        case corrupt
        /// A file can't be opened, read or written.
        case inputOutput
        /// A value can't be bound: text with NUL, or an integer beyond 2⁶³ − 1.
        case invalidValue
        /// A row lacks a column, or the column holds another type, or one that is not read here.
        case invalidRow
        /// The stored schema does not fit this program, or a migration failed.
        case migration
        /// The task was cancelled before its read was done.
        case cancelled
        /// Anything else, such as a statement with a mistake in it.
        case other
    }

    package let code: Code
    /// Safe to show anyone: no value, no path and no statement.
    package let message: String
    /// What the operator's log gets: the engine's own words, which name tables and columns but no bound values.
    package let detail: String

    package init(_ code: Code, _ message: String, detail: String = "") {
        self.code = code
        self.message = message
        self.detail = detail
    }

    package var description: String { message }
    package var debugDescription: String { detail.isEmpty ? message : "\(message): \(detail)" }
}

extension DatabaseError: Equatable {
    /// Errors are equal when their codes are: messages are for people.
    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
