package import Database

/// Why the audit log can't do what it was asked to. Messages are safe to show anyone, details are for the operator.
package struct AuditLogError: Error, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    package enum Code: Sendable, CaseIterable {
        /// The log is not begun, or its root is not the one that is expected.
        case identity
        /// A secret key is missing, can't be read, or others could have read it.
        case keys
        /// Something that is stored is not what was logged. Nothing is signed until that is mended.
        case inconsistent
        /// What was asked about is not in the log.
        case outOfRange
        /// Values that no record can be made of.
        case invalidValue
        /// The database failed.
        case database
    }

    package let code: Code
    package let message: String
    package let detail: String

    package init(_ code: Code, _ message: String, detail: String = "") {
        self.code = code
        self.message = message
        self.detail = detail
    }

    package init(_ error: DatabaseError) {
        self.init(error.isDamage ? .inconsistent : .database, error.message, detail: error.detail)
    }

    package var description: String { message }
    package var debugDescription: String { detail.isEmpty ? message : "\(message): \(detail)" }
}

extension DatabaseError {
    /// Whether what is stored is not what this program has stored: of another content, or of another type.
    var isDamage: Bool { code == .corrupt || code == .invalidRow }
}

extension AuditLogError: Equatable {
    /// Errors are equal when their codes are: messages are for people.
    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
