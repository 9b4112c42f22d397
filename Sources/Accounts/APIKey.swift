import Crypto

/// An API key: a secret that is shown once, when it is made.
///
/// Its text is `batchin_api_`, 27 base-62 digits for 160 random bits, and 6 base-62 digits of checksum: the first eight
/// bytes of the SHA-256 of everything before it, as a big-endian number modulo 62⁶. The checksum lets a typing mistake
/// be told from an unknown key without asking the database, and lets scanners recognize leaked keys.
package struct APIKey: Sendable {
    /// The key itself. Print it once to its owner, and nowhere else.
    package let secretText: String

    private static let start = "batchin_api_"
    private static let randomDigitCount = 27
    private static let checksumDigitCount = 6
    private static let checksumModulus: UInt64 = 62 * 62 * 62 * 62 * 62 * 62
    private static let prefixLength = 16
    private static let length = start.utf8.count + randomDigitCount + checksumDigitCount

    /// Makes a key; production passes a `SystemRandomNumberGenerator`.
    package init(using generator: inout some RandomNumberGenerator) {
        let random = (0..<5).map { _ in UInt32.random(in: .min ... .max, using: &generator) }
        let body = Array(Self.start.utf8) + Base62.encode(random, width: Self.randomDigitCount)
        secretText = String(decoding: body + Self.checksum(of: body), as: UTF8.self)
    }

    /// Takes a key as a client sent it.
    ///
    /// - Throws: `invalidKey` for another shape or a wrong checksum; the message holds no part of the text.
    package init(parsing text: String) throws(AccountsError) {
        let bytes = Array(text.utf8)
        guard bytes.count == Self.length, bytes.starts(with: Self.start.utf8),
            bytes.dropFirst(Self.start.utf8.count).allSatisfy(Base62.isDigit)
        else {
            throw AccountsError(.invalidKey, "this is not an API key")
        }
        let body = bytes.dropLast(Self.checksumDigitCount)
        guard bytes.suffix(Self.checksumDigitCount).elementsEqual(Self.checksum(of: Array(body))) else {
            throw AccountsError(.invalidKey, "the API key has a typing mistake: its checksum is wrong")
        }
        secretText = text
    }

    /// The first 16 characters, which tell keys apart in lists and are no secret.
    package var prefix: String { String(secretText.prefix(Self.prefixLength)) }

    private static func checksum(of body: [UInt8]) -> [UInt8] {
        let number = SHA256.hash(data: body).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } % checksumModulus
        return Base62.encode([UInt32(number >> 32), UInt32(truncatingIfNeeded: number)], width: checksumDigitCount)
    }
}

extension APIKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
