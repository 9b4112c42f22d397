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

    fileprivate init(trusted bytes: [UInt8]) {
        self.bytes = bytes
    }
}

/// The secret that opens every commitment of one record; destroying it closes them for good.
package struct RecordKey: Sendable {
    package static let byteCount = 32

    /// The two hashes of HMAC, which have read the padded key and nothing else yet: every salt begins with copies of them.
    /// https://www.rfc-editor.org/rfc/rfc2104#section-2
    private let inner: SHA256
    private let outer: SHA256

    /// - Returns: nil unless there are 32 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        let padding = [UInt8](repeating: 0, count: SHA256.blockByteCount - Self.byteCount)
        inner = Self.hash(of: (bytes + padding).map { $0 ^ 0x36 })
        outer = Self.hash(of: (bytes + padding).map { $0 ^ 0x5C })
    }

    private static func hash(of block: [UInt8]) -> SHA256 {
        var hash = SHA256()
        hash.append(block.span)
        return hash
    }

    package func salt(for field: CommitmentField) -> Salt {
        var (inner, outer) = (inner, outer)
        inner.append(field.rawValue.utf8.span)
        SHA256Digest(inner.finalize()).withSpan { outer.append($0) }
        return SHA256Digest(outer.finalize()).withSpan { code in
            var salt: [UInt8] = []
            salt.append(copying: code.extracting(first: Salt.byteCount))
            return Salt(trusted: salt)
        }
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
        var preimage: [UInt8] = []
        preimage.reserveCapacity(96)
        preimage.append(contentsOf: "vaas/commit/v1\0".utf8)
        preimage.append(contentsOf: rawValue.utf8)
        preimage.append(0)
        preimage.append(contentsOf: salt.bytes)
        valueDigest.append(to: &preimage)
        return SHA256Digest(of: preimage)
    }
}
