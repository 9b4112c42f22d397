package import Database

/// What users and keys can fail with. A credential that is not accepted is no error: `Authenticator` answers nil.
package struct AccountsError: Error, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    package enum Code: Sendable, CaseIterable {
        /// The address is not of the form `one@two`, is too long, or holds control characters.
        case invalidEmail
        /// A name is too long or holds control characters.
        case invalidName
        /// A list of scopes is empty or names a scope that does not exist.
        case invalidScopes
        /// A key would be expired from the start.
        case invalidExpiry
        /// Text that is no API key: wrong shape, or a checksum that shows a typing mistake.
        case invalidKey
        case userNotFound
        case keyNotFound
        /// Several active keys begin with this prefix.
        case ambiguousKey
        /// The master key can't be read or made, is readable by others, or is of the wrong length.
        case masterKey
        /// The database failed; `underlying` says how.
        case database
    }

    package let code: Code
    /// Safe to show anyone: no key, no hash and no path.
    package let message: String
    /// What the operator's log gets, still without any secret.
    package let detail: String
    /// Set for the code `database`.
    package let underlying: DatabaseError?

    package init(_ code: Code, _ message: String, detail: String = "") {
        self.code = code
        self.message = message
        self.detail = detail
        underlying = nil
    }

    init(_ error: DatabaseError) {
        code = .database
        message = error.message
        detail = error.detail
        underlying = error
    }

    package var description: String { message }
    package var debugDescription: String { detail.isEmpty ? message : "\(message): \(detail)" }
}

extension AccountsError: Equatable {
    /// Errors are equal when their codes are: messages are for people.
    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
