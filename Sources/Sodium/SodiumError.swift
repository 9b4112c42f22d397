/// What libsodium can fail with. Every message is safe to show anyone.
package struct SodiumError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable {
        /// The library could not get ready: the system gives it no randomness.
        case unavailable
        case outOfMemory
        /// Stored text is no password hash.
        case malformedHash
    }

    package let code: Code
    package let message: String

    init(_ code: Code) {
        self.code = code
        self.message =
            switch code {
            case .unavailable: "the cryptographic library can't be used"
            case .outOfMemory: "there is not enough memory for a secret or for hashing a password"
            case .malformedHash: "a stored password hash is damaged"
            }
    }

    package var description: String { message }
}

extension SodiumError: Equatable {
    /// Errors are equal when their codes are: messages are for people.
    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
