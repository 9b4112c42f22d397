internal import CSodium
import Glibc

/// A password as it is stored: its Argon2id hash, with the salt and the parameters that it was made with.
///
/// https://doc.libsodium.org/password_hashing/default_phf and https://www.rfc-editor.org/rfc/rfc9106
package struct PasswordHash: Sendable {
    /// The text to store, such as `$argon2id$v=19$m=19456,t=2,p=1$…`.
    package let text: String

    private static let memoryByteCount = 19_922_944
    private static let passCount = 2
    private static let textByteCountMax = Int(crypto_pwhash_STRBYTES)

    /// Text that was stored before.
    package init(storedText text: String) {
        self.text = text
    }

    /// Hashes a password under a fresh random salt.
    ///
    /// Blocks for the tens of milliseconds, and takes the 19 MiB, that make guessing expensive.
    ///
    /// - Throws: `outOfMemory`, `unavailable`.
    package init(hashing password: String) throws(SodiumError) {
        try SodiumLibrary.makeReady()
        var output = [CChar](repeating: 0, count: Self.textByteCountMax)
        defer { unsafe output.withUnsafeMutableBytes { unsafe sodium_memzero($0.baseAddress, $0.count) } }
        // Swift lends the bytes as it keeps them, so there is no copy to wipe; zeros among them don't end them.
        let status = unsafe password.withCString { characters in
            unsafe crypto_pwhash_str(
                &output, characters, UInt64(password.utf8.count), UInt64(Self.passCount), Self.memoryByteCount)
        }
        guard status == 0 else { throw SodiumError(.outOfMemory) }
        text = String(decoding: output.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// A hash that no password has, and that takes as long to compare with as any other.
    package static let matchingNothing = PasswordHash(
        storedText: "$argon2id$v=19$m=\(memoryByteCount / 1024),t=\(passCount),p=1"
            // Salt and digest are zeros: a password that hashes to them can't be found.
            + "$" + String(repeating: "A", count: 22) + "$" + String(repeating: "A", count: 43))

    /// Whether the hash is this password's. Blocks as long as hashing does.
    ///
    /// - Throws: `malformedHash`, `outOfMemory`, `unavailable`.
    package func matches(_ password: String) throws(SodiumError) -> Bool {
        try SodiumLibrary.makeReady()
        var stored = try paddedText()
        defer { unsafe stored.withUnsafeMutableBytes { unsafe sodium_memzero($0.baseAddress, $0.count) } }
        let (status, reason) = unsafe password.withCString { characters in
            // Failures differ in nothing but this.
            errno = 0
            let status = unsafe crypto_pwhash_str_verify(stored, characters, UInt64(password.utf8.count))
            return (status, errno)
        }
        guard status != 0 else { return true }
        guard reason == EINVAL else { throw SodiumError(.outOfMemory) }
        return false
    }

    /// The text as the C functions take it: in an array of the size that hashing fills, with zeros up to its end.
    private func paddedText() throws(SodiumError) -> [CChar] {
        let text = text.utf8.map(CChar.init(bitPattern:))
        guard text.count < Self.textByteCountMax else { throw SodiumError(.malformedHash) }
        let padded = text + [CChar](repeating: 0, count: Self.textByteCountMax - text.count)
        // It answers -1 only for text that it can't read.
        let answer = unsafe crypto_pwhash_str_needs_rehash(padded, UInt64(Self.passCount), Self.memoryByteCount)
        guard answer >= 0 else { throw SodiumError(.malformedHash) }
        return padded
    }
}

extension PasswordHash: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
