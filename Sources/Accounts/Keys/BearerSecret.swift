import Crypto

/// The text of what a client sends after `Bearer `: an API key or a session token.
///
/// It is a start that says which of the two, 27 base-62 digits for 160 random bits, and 6 base-62 digits of checksum:
/// the first eight bytes of the SHA-256 of everything before it, as a big-endian number modulo 62⁶. The checksum lets a
/// typing mistake be told from an unknown secret without asking the database, and lets scanners recognize leaked ones.
struct BearerSecret: Sendable {
    enum Kind: CaseIterable, Sendable {
        case apiKey
        case session

        var start: String {
            switch self {
            case .apiKey: "batchin_api_"
            case .session: "batchin_session_"
            }
        }
    }

    let kind: Kind
    let text: String

    private static let randomDigitCount = 27
    private static let checksumDigitCount = 6
    private static let checksumModulus: UInt64 = 62 * 62 * 62 * 62 * 62 * 62

    /// Makes a secret; production passes a `SystemRandomNumberGenerator`.
    init(_ kind: Kind, using generator: inout some RandomNumberGenerator) {
        let random = (0..<5).map { _ in UInt32.random(in: .min ... .max, using: &generator) }
        let body = Array(kind.start.utf8) + Base62.encode(random, width: Self.randomDigitCount)
        self.kind = kind
        text = String(decoding: body + Self.checksum(of: body), as: UTF8.self)
    }

    /// Takes a secret as a client sent it.
    ///
    /// - Throws: `invalidKey` for another shape or a wrong checksum; the message holds no part of the text.
    init(parsing text: String) throws(AccountsError) {
        let bytes = Array(text.utf8)
        guard let kind = Kind.allCases.first(where: { bytes.starts(with: $0.start.utf8) }) else {
            throw AccountsError(.invalidKey, "this is no API key and no session token")
        }
        let digits = bytes.dropFirst(kind.start.utf8.count)
        guard digits.count == Self.randomDigitCount + Self.checksumDigitCount, digits.allSatisfy(Base62.isDigit) else {
            throw AccountsError(.invalidKey, "this is no API key and no session token")
        }
        let body = Array(bytes.dropLast(Self.checksumDigitCount))
        guard digits.suffix(Self.checksumDigitCount).elementsEqual(Self.checksum(of: body)) else {
            throw AccountsError(.invalidKey, "the API key or session token has a typing mistake: its checksum is wrong")
        }
        self.kind = kind
        self.text = text
    }

    private static func checksum(of body: [UInt8]) -> [UInt8] {
        let number = SHA256.hash(data: body).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } % checksumModulus
        return Base62.encode([UInt32(number >> 32), UInt32(truncatingIfNeeded: number)], width: checksumDigitCount)
    }
}

extension BearerSecret: RedactedInPrint {}

/// Makes the hashes under which bearer secrets are stored, each kind under a key of its own.
struct BearerHasher: Sendable {
    private let apiKeys: KeyedHasher
    private let sessions: KeyedHasher

    init(masterKey: MasterKey) {
        apiKeys = KeyedHasher(masterKey: masterKey, purpose: "batchin api key hash v1")
        sessions = KeyedHasher(masterKey: masterKey, purpose: "batchin session token hash v1")
    }

    func hash(_ secret: BearerSecret) -> KeyedHash {
        switch secret.kind {
        case .apiKey: apiKeys.hash(secret.text)
        case .session: sessions.hash(secret.text)
        }
    }
}
