internal import Crypto

/// What of a run a statement commits to without showing it. The names are those of the statement's members, in their
/// canonical order.
package enum CommitmentField: String, CaseIterable, Sendable {
    case details
    case input
    case output
    case promptTemplate = "prompt_template"
    case requestWire = "request_wire"
    case responseWire = "response_wire"
}

/// Sixteen bytes that keep a commitment from being guessed.
package struct Salt: Hashable, Sendable {
    package static let byteCount = 16

    package let bytes: [UInt8]

    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }
}

/// The secret that opens every commitment of one record; destroying it closes them for good.
package struct RecordKey: Sendable {
    package static let byteCount = 32

    private let key: SymmetricKey

    /// - Returns: nil unless there are 32 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        key = SymmetricKey(data: bytes)
    }

    package func salt(for field: CommitmentField) -> Salt {
        let code = HMAC<SHA256>.authenticationCode(for: Array(field.rawValue.utf8), using: key)
        guard let salt = Salt(bytes: Array(code.prefix(Salt.byteCount))) else {
            preconditionFailure("a code is longer than a salt")
        }
        return salt
    }
}

extension RecordKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension CommitmentField {
    /// The salted commitment to a value whose SHA-256 is given.
    package func commitment(to valueDigest: SHA256Digest, salt: Salt) -> SHA256Digest {
        SHA256Digest(
            of: Array("vaas/commit/v1".utf8) + [0] + Array(rawValue.utf8) + [0] + salt.bytes + valueDigest.bytes)
    }
}
