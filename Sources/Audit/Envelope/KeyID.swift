package import Sodium

/// The name of a public key: the SHA-256 of its 32 bytes, in hexadecimal.
package struct KeyID: Hashable, Sendable, CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    package let text: String

    package init(of key: Ed25519PublicKey) {
        text = SHA256Digest(of: key.bytes).hexadecimal
    }

    /// - Returns: nil unless the text is 64 lower-case hexadecimal digits.
    package init?(text: String) {
        guard let digest = SHA256Digest(hexadecimal: text) else { return nil }
        self.text = digest.hexadecimal
    }

    package var description: String { text }
}
