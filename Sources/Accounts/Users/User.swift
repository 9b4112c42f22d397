import Database

/// A person or a program that owns keys and what is done with them.
package struct User: Hashable, Sendable {
    package let id: UserID
    /// In lower case.
    package let email: String
    package let name: String
    /// Milliseconds since 1970-01-01 00:00 UTC.
    package let createdAt: Int64
}

extension User {
    /// Reads the columns `id`, `email`, `name` and `created_at`.
    init(row: Row) throws(DatabaseError) {
        id = try row.decode("id", as: UserID.self)
        email = try row.decode("email", as: String.self)
        name = try row.decode("name", as: String.self)
        createdAt = try row.decode("created_at", as: Int64.self)
    }
}
