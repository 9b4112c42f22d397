package import Database

/// What users, keys, money and limits can fail with. A credential that is not accepted is no error: `Authenticator`
/// answers nil.
package struct AccountsError: Error, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    package enum Code: Sendable, CaseIterable {
        /// The address is not of the form `one@two`, is too long, or holds control characters.
        case invalidEmail
        /// A name is too long or holds control characters.
        case invalidName
        /// A password is too short or too long.
        case invalidPassword
        /// A list of scopes is empty or names a scope that does not exist.
        case invalidScopes
        /// A key would be expired from the start.
        case invalidExpiry
        /// A key's requests a minute are out of range.
        case invalidRateLimit
        /// A key's month budget is out of range.
        case invalidBudget
        /// Text that is no API key or no session token: wrong shape, or a checksum that shows a typing mistake.
        case invalidKey
        /// The address has a user already.
        case emailTaken
        /// Address and password don't belong together, whichever of them is wrong.
        case invalidCredentials
        /// Too many logins in a row have failed for this address; `retryAfterSeconds` says when the next one is heard.
        case tooManyFailures
        /// Too many wait already; `retryAfterSeconds` says when to try again.
        case overloaded
        case userNotFound
        case keyNotFound
        /// Several active keys begin with this prefix.
        case ambiguousKey
        /// The user's credit does not cover the amount.
        case insufficientCredit
        /// The key's budget for this month does not cover the amount.
        case budgetExhausted
        /// An amount of money is out of range.
        case invalidAmount
        /// A credit with this source and reference exists, with another amount or for another user.
        case conflictingReference
        /// The reason of a credit is too long or holds control characters.
        case invalidReason
        /// A run with this id exists and is another user's.
        case runConflict
        /// An idempotency key is too long or holds other than printable characters of ASCII.
        case invalidIdempotencyKey
        /// The master key can't be read or made, is readable by others, is of the wrong length, or is not the one that
        /// the database was made with.
        case masterKey
        /// The database failed; `underlying` says how.
        case database
    }

    package let code: Code
    /// Safe to show anyone: no key, no hash and no path.
    package let message: String
    /// What the operator's log gets, still without any secret.
    package let detail: String
    /// After how long the same call may succeed; set for the codes `tooManyFailures` and `overloaded`.
    package let retryAfterSeconds: Int?
    /// Set for the code `database`.
    package let underlying: DatabaseError?

    package init(_ code: Code, _ message: String, detail: String = "", retryAfterSeconds: Int? = nil) {
        self.code = code
        self.message = message
        self.detail = detail
        self.retryAfterSeconds = retryAfterSeconds
        underlying = nil
    }

    init(_ error: DatabaseError) {
        code = .database
        message = error.message
        detail = error.detail
        retryAfterSeconds = nil
        underlying = error
    }

    package var description: String { message }
    package var debugDescription: String { detail.isEmpty ? message : "\(message): \(detail)" }
}

extension AccountsError: Equatable {
    /// Errors are equal when their codes are: messages are for people.
    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
