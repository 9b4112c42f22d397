package import Crypto
import Database

/// The secret of an installation: 32 random bytes in a file, from which all other keys are derived.
///
/// Whoever loses the file loses every API key, since their hashes can't be checked without it.
package struct MasterKey: Sendable {
    static let byteCount = 32

    private let key: SymmetricKey

    /// Reads the key from a file that its owner alone may read.
    ///
    /// Blocks for a few disk accesses; meant for the start of the program.
    ///
    /// - Throws: `masterKey` if there is no such file, others may read it, or it does not hold exactly 32 bytes.
    package init(readingFrom path: String) throws(AccountsError) {
        var bytes = try SecretFile.read(path: path, byteCount: Self.byteCount)
        defer { SecretFile.wipe(&bytes) }
        // `SymmetricKey` zeroes its memory when it goes away.
        key = SymmetricKey(data: bytes)
    }

    /// Reads the key, having made it and its folder (mode 0700) where there is none. Of two processes that start at
    /// once both get the same key.
    ///
    /// - Throws: As `init(readingFrom:)`, also if the file can't be made.
    package init(
        readingOrCreatingAt path: String,
        using generator: inout some RandomNumberGenerator
    ) throws(AccountsError) {
        var bytes = (0..<Self.byteCount).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        defer { SecretFile.wipe(&bytes) }
        try SecretFile.createIfAbsent(path: path, content: bytes)
        try self.init(readingFrom: path)
    }

    /// A key for one purpose: HKDF-SHA256 of the master key, which can't be computed back from it.
    ///
    /// https://www.rfc-editor.org/rfc/rfc5869
    ///
    /// - Parameter purpose: Constant text that no other purpose uses.
    package func derivedKey(for purpose: StaticString) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key,
            info: Array("\(purpose)".utf8),
            outputByteCount: Self.byteCount)
    }
}

extension MasterKey: RedactedInPrint {}
