/// A value as it goes into a statement and comes out of a row.
package enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    /// Text without NUL: PostgreSQL can't store it, SQLite would cut the text there, so a statement refuses to bind it.
    case text(String)
    case blob([UInt8])

    /// The storage class, for messages; never the value.
    var kind: String {
        switch self {
        case .null: "null"
        case .integer: "integer"
        case .real: "real"
        case .text: "text"
        case .blob: "blob"
        }
    }
}

/// A type whose values can be bound to a statement.
package protocol SQLEncodable {
    var sqlValue: SQLValue { get }
}

/// A type that can be read from a column.
package protocol SQLDecodable {
    /// The value, or nil if `sqlValue` is of another type or out of range.
    init?(sqlValue: SQLValue)
}
