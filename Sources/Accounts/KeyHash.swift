import Crypto
import Database

/// The keyed hash under which an API key is stored, useless to whoever reads the database without the master key.
struct KeyHash: Hashable, Sendable {
    private let words: (UInt64, UInt64, UInt64, UInt64)

    fileprivate init(_ code: HMAC<SHA256>.MAC) {
        var bytes = code.makeIterator()
        func word() -> UInt64 {
            (0..<8).reduce(0) { word, _ in word << 8 | UInt64(bytes.next() ?? 0) }
        }
        words = (word(), word(), word(), word())
    }

    static func == (left: Self, right: Self) -> Bool { left.words == right.words }

    /// One word is enough: all are as good as random, and nobody without the master key can choose them.
    func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
    }
}

extension KeyHash: SQLEncodable {
    /// The 32 bytes of the code, as they came.
    var sqlValue: SQLValue {
        let words = [words.0, words.1, words.2, words.3]
        return .blob(words.flatMap { word in (0..<8).map { UInt8(word >> (56 - $0 * 8) & 0xFF) } })
    }
}

/// Makes key hashes: HMAC-SHA256 of the key's text, under a key derived from the master key.
struct KeyHasher: Sendable {
    private let key: SymmetricKey

    init(masterKey: MasterKey) {
        key = masterKey.derivedKey(for: "batchin api key hash v1")
    }

    func hash(_ apiKey: APIKey) -> KeyHash {
        KeyHash(HMAC<SHA256>.authenticationCode(for: Array(apiKey.secretText.utf8), using: key))
    }
}
