internal import Crypto

/// A SHA-256 digest. https://csrc.nist.gov/pubs/fips/180-4/upd1/final
package struct SHA256Digest: Hashable, Sendable {
    package static let byteCount = 32

    /// The 32 bytes.
    package let bytes: [UInt8]

    /// Nil unless there are exactly 32 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Nil unless the text is exactly 64 lower-case hexadecimal digits.
    package init?(hexadecimal text: String) {
        guard let bytes = Hexadecimal.decode(text), bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    init(_ digest: SHA256.Digest) {
        bytes = Array(digest)
    }

    /// The digest of some bytes.
    package init(of bytes: [UInt8]) {
        self.init(SHA256.hash(data: bytes))
    }

    /// The digest of text in UTF-8.
    package init(of text: String) {
        self.init(of: Array(text.utf8))
    }

    /// The digest as 64 lower-case hexadecimal digits.
    package var hexadecimal: String { Hexadecimal.encode(bytes) }
}

extension SHA256Digest: CustomStringConvertible {
    package var description: String { hexadecimal }
}
