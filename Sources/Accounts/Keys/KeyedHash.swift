import Crypto
import Database

/// What is stored in place of a secret text: useless to whoever reads the database without the master key.
struct KeyedHash: Hashable, Sendable {
    private let words: (UInt64, UInt64, UInt64, UInt64)

    fileprivate init(_ code: HMAC<SHA256>.MAC) {
        var bytes = code.makeIterator()
        func word() -> UInt64 {
            (0..<8).reduce(0) { word, _ in word << 8 | UInt64(bytes.next() ?? 0) }
        }
        words = (word(), word(), word(), word())
    }

    static func == (left: Self, right: Self) -> Bool { left.words == right.words }

    /// The 32 bytes of the code, as they came.
    var bytes: [UInt8] {
        let words = [words.0, words.1, words.2, words.3]
        return words.flatMap { word in (0..<8).map { UInt8(word >> (56 - $0 * 8) & 0xFF) } }
    }

    /// One word is enough: all are as good as random, and nobody without the master key can choose them.
    func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
    }
}

extension KeyedHash: SQLEncodable {
    var sqlValue: SQLValue { .blob(bytes) }
}

extension KeyedHash: RedactedInPrint {}

/// Makes the hashes of one kind of text: HMAC-SHA256 under a key derived from the master key for this kind alone.
struct KeyedHasher: Sendable {
    private let key: SymmetricKey

    /// - Parameter purpose: Constant text that no other purpose uses.
    init(masterKey: MasterKey, purpose: StaticString) {
        key = masterKey.derivedKey(for: purpose)
    }

    func hash(_ text: String) -> KeyedHash {
        hash(Array(text.utf8))
    }

    func hash(_ bytes: [UInt8]) -> KeyedHash {
        KeyedHash(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
    }
}

extension KeyedHasher: RedactedInPrint {}
