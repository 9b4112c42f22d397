package import Sodium

/// All that is random about one record: its key, its id and its nonce.
package struct RecordRandomness: Sendable {
    package static let byteCount = RecordKey.byteCount + 16 + 16

    package let key: RecordKey
    package let recordID: RecordID
    /// 16 bytes that make the statement's hash unguessable.
    let nonce: [UInt8]
    /// The bytes that the key can be made of again, for storing them where they can be destroyed.
    package let keyBytes: [UInt8]

    /// - Returns: nil unless there are 64 bytes, which are random.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        keyBytes = Array(bytes[..<RecordKey.byteCount])
        guard let key = RecordKey(bytes: keyBytes),
            let recordID = RecordID(bytes: Self.uuid(bytes[RecordKey.byteCount..<(RecordKey.byteCount + 16)]))
        else { return nil }
        self.key = key
        self.recordID = recordID
        nonce = Array(bytes[(RecordKey.byteCount + 16)...])
    }

    /// A UUID of version 4, which has 122 random bits. https://www.rfc-editor.org/rfc/rfc9562#section-5.4
    private static func uuid(_ random: ArraySlice<UInt8>) -> [UInt8] {
        var bytes = Array(random)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        return bytes
    }

    /// Takes everything from a generator.
    package init(using generator: inout some RandomNumberGenerator) {
        let bytes = (0..<Self.byteCount / 8).flatMap { _ in
            let word: UInt64 = generator.next()
            return (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) }
        }
        self.init(trusted: bytes)
    }

    /// Takes everything from the system, in one call.
    ///
    /// - Throws: `unavailable`.
    package init() throws(SodiumError) {
        self.init(trusted: try RandomBytes.make(count: Self.byteCount))
    }

    private init(trusted bytes: [UInt8]) {
        guard let randomness = Self(bytes: bytes) else { preconditionFailure("a record takes 64 random bytes") }
        self = randomness
    }
}

extension RecordRandomness: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
