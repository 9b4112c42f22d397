internal import CSodium

/// The public half of an Ed25519 key pair, which verifies signatures.
///
/// https://doc.libsodium.org/public-key_cryptography/public-key_signatures and
/// https://www.rfc-editor.org/rfc/rfc8032
package struct Ed25519PublicKey: Hashable, Sendable {
    package static let byteCount = Int(crypto_sign_PUBLICKEYBYTES)

    /// The 32 bytes.
    package let bytes: [UInt8]

    /// - Returns: nil unless there are 32 bytes. Most of them are no good key: see `isStrictlyValid`.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    init(trusted bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Whether the key is canonical, on the curve and in its main subgroup. Only about such keys all verifiers agree, so
    /// only they may be listed.
    ///
    /// https://doc.libsodium.org/advanced/point-arithmetic
    package var isStrictlyValid: Bool {
        SodiumLibrary.makeReadyIfPossible()
        return unsafe crypto_core_ed25519_is_valid_point(bytes) == 1
    }

    /// Whether the signature of these bytes is by this key. Refuses keys and points of small order.
    package func isValid(_ signature: Ed25519Signature, for message: [UInt8]) -> Bool {
        SodiumLibrary.makeReadyIfPossible()
        return unsafe crypto_sign_verify_detached(signature.bytes, message, UInt64(message.count), bytes) == 0
    }
}

/// An Ed25519 signature.
package struct Ed25519Signature: Hashable, Sendable {
    package static let byteCount = Int(crypto_sign_BYTES)

    /// The 64 bytes.
    package let bytes: [UInt8]

    /// - Returns: nil unless there are 64 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    init(trusted bytes: [UInt8]) {
        self.bytes = bytes
    }
}
