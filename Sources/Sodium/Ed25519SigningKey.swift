internal import CSodium

/// An Ed25519 key pair, which signs. Its secret is wiped when the last owner lets go of it, and is never printed.
///
/// https://doc.libsodium.org/public-key_cryptography/public-key_signatures
package final class Ed25519SigningKey: Sendable {
    package static let seedByteCount = Int(crypto_sign_SEEDBYTES)

    package let publicKey: Ed25519PublicKey

    private let secret: SecretBytes

    /// A key pair that nobody had before.
    ///
    /// - Throws: `unavailable`, `outOfMemory`.
    package convenience init() throws(SodiumError) {
        try SodiumLibrary.makeReady()
        var seed = [UInt8](repeating: 0, count: Self.seedByteCount)
        defer { unsafe sodium_memzero(&seed, seed.count) }
        unsafe randombytes_buf(&seed, seed.count)
        try self.init(seed: seed)
    }

    /// The key pair of a stored seed. The caller wipes its own copy.
    ///
    /// - Precondition: the seed has 32 bytes.
    /// - Throws: `unavailable`, `outOfMemory`.
    package init(seed: [UInt8]) throws(SodiumError) {
        precondition(seed.count == Self.seedByteCount, "an Ed25519 seed has 32 bytes")
        try SodiumLibrary.makeReady()
        let secret = try SecretBytes(count: Int(crypto_sign_SECRETKEYBYTES))
        var publicKey = [UInt8](repeating: 0, count: Ed25519PublicKey.byteCount)
        let status = unsafe crypto_sign_seed_keypair(&publicKey, secret.start, seed)
        precondition(status == 0, "making a key pair from a seed can't fail")
        self.publicKey = Ed25519PublicKey(trusted: publicKey)
        self.secret = secret
    }

    /// The one signature that this key has for these bytes.
    package func signature(for message: [UInt8]) -> Ed25519Signature {
        var signature = [UInt8](repeating: 0, count: Ed25519Signature.byteCount)
        let status = unsafe crypto_sign_detached(&signature, nil, message, UInt64(message.count), secret.start)
        precondition(status == 0, "signing can't fail")
        return Ed25519Signature(trusted: signature)
    }

    /// Lends the seed, for storing it; the bytes are wiped afterwards and must not be kept.
    package func withSeed<R, E: Error>(_ body: ([UInt8]) throws(E) -> R) throws(E) -> R {
        var seed = [UInt8](repeating: 0, count: Self.seedByteCount)
        defer { unsafe sodium_memzero(&seed, seed.count) }
        let status = unsafe crypto_sign_ed25519_sk_to_seed(&seed, secret.start)
        precondition(status == 0, "a secret key always holds its seed")
        return try body(seed)
    }
}

extension Ed25519SigningKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
