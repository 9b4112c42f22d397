package import Database

/// The id of a user, who owns keys, spans and everything else: the tenant.
package struct UserID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let uuid: UUIDv7

    package init(_ uuid: UUIDv7) {
        self.uuid = uuid
    }

    /// Reads the id from its text form, nil if that is no UUID of version 7.
    package init?(_ text: String) {
        guard let uuid = UUIDv7(text) else { return nil }
        self.uuid = uuid
    }

    package static func < (left: Self, right: Self) -> Bool { left.uuid < right.uuid }

    package var description: String { uuid.description }
}

extension UserID: SQLEncodable, SQLDecodable {
    package var sqlValue: SQLValue { uuid.sqlValue }

    package init?(sqlValue: SQLValue) {
        guard let uuid = UUIDv7(sqlValue: sqlValue) else { return nil }
        self.uuid = uuid
    }
}
