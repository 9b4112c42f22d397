/// Why something that audit reads or makes is refused. Every message is safe to show anyone.
package struct AuditError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable {
        /// Text that is not JSON at all.
        case malformedJSON
        /// JSON that signed data must not hold: duplicate names, fractions, half surrogate pairs, too deep, too large.
        case refusedJSON
        /// JSON of another shape than the format lays down.
        case invalidShape
        case invalidEnvelope
        case invalidKey
        case invalidNote
        case invalidCheckpoint
        case invalidProof
        /// A key history that contradicts itself or that its root has not signed.
        case invalidKeyHistory
        /// Values that no statement or pack can be made of.
        case invalidValue
        /// The cryptographic library can't be used.
        case unavailable
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}

extension AuditError: Equatable {
    /// Errors are equal when their codes are: messages are for people.
    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
