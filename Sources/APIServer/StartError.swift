import Accounts
import AuditLog
import Database

/// Why an installation can't be opened. Its text is for the operator: it may name paths, but never holds a secret.
package struct StartError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable, CaseIterable {
        /// The data folder can't be made or is no folder.
        case dataFolder
        /// The master key or the tables of users and keys can't be read or made.
        case accounts
        /// The database can't be opened.
        case database
        /// The audit log has no root, or its keys can't be read or made.
        case audit
        /// The span store can't be read or made.
        case spanStore
        /// An address can't be listened on.
        case listener
        /// A setting asks for something that this version can't do yet.
        case unsupported
    }

    package let code: Code
    package let message: String
    package let underlying: (any Error)?

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
        underlying = nil
    }

    init(_ error: AccountsError) {
        code = .accounts
        message = error.debugDescription
        underlying = error
    }

    init(_ error: DatabaseError) {
        code = .database
        message = error.debugDescription
        underlying = error
    }

    init(_ error: AuditLogError) {
        code = .audit
        message = "the audit log can't be used: \(error.debugDescription)"
        underlying = error
    }

    package var description: String { message }
}

extension StartError: Equatable {
    /// Errors are equal when their codes are: messages are for people.
    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
