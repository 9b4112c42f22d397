import Testing

@testable import Accounts

struct BearerSecretTests {
    private struct Constant: RandomNumberGenerator {
        let number: UInt64
        mutating func next() -> UInt64 { number }
    }

    private func secret(_ kind: BearerSecret.Kind, of number: UInt64) -> String {
        var generator = Constant(number: number)
        return BearerSecret(kind, using: &generator).text
    }

    /// Computed with Python: `int.from_bytes(sha256(text[:-6].encode()).digest()[:8]) % 62**6`.
    @Test(arguments: [
        (BearerSecret.Kind.apiKey, UInt64.min, "batchin_api_000000000000000000000000000RggtU1"),
        (.apiKey, UInt64.max, "batchin_api_aWgEPTl1tmebfsQzFP4bxwgy80VaPo7cm"),
        (.session, UInt64.min, "batchin_session_000000000000000000000000000SQ0FSC"),
        (.session, UInt64.max, "batchin_session_aWgEPTl1tmebfsQzFP4bxwgy80Vq2oNV8"),
    ])
    func `the least and the greatest secret have the documented form`(
        kind: BearerSecret.Kind, number: UInt64, text: String
    ) {
        #expect(secret(kind, of: number) == text)
    }

    @Test func `keys and tokens are never the same twice`() {
        var generator = SystemRandomNumberGenerator()
        let keys = (0..<1000).map { _ in APIKey(using: &generator).secretText }
        let tokens = (0..<1000).map { _ in SessionToken(using: &generator).secretText }
        #expect(Set(keys + tokens).count == 2000)
        #expect(keys.allSatisfy { $0.utf8.count == 45 && $0.hasPrefix("batchin_api_") })
        #expect(tokens.allSatisfy { $0.utf8.count == 49 && $0.hasPrefix("batchin_session_") })
    }

    @Test(arguments: BearerSecret.Kind.allCases)
    func `a secret is read back`(kind: BearerSecret.Kind) throws {
        var generator = SystemRandomNumberGenerator()
        let made = BearerSecret(kind, using: &generator)
        let read = try BearerSecret(parsing: made.text)
        #expect(read.text == made.text)
        #expect(read.kind == kind)
    }

    @Test func `a key's prefix is its first 16 characters`() {
        var generator = SystemRandomNumberGenerator()
        let key = APIKey(using: &generator)
        #expect(key.prefix == String(key.secretText.prefix(16)))
    }

    @Test(arguments: BearerSecret.Kind.allCases)
    func `every typing mistake of one character is refused`(kind: BearerSecret.Kind) {
        let text = Array(secret(kind, of: 0x0123_4567_89AB_CDEF).utf8)
        for index in text.indices {
            for replacement in "0aZ-".utf8 where replacement != text[index] {
                var mistyped = text
                mistyped[index] = replacement
                #expect(throws: AccountsError(.invalidKey, "")) {
                    try BearerSecret(parsing: String(decoding: mistyped, as: UTF8.self))
                }
            }
        }
    }

    @Test(arguments: ["", "batchin_api_", "batchin_session_", "é"])
    func `other text is refused`(text: String) {
        #expect(throws: AccountsError(.invalidKey, "")) { try BearerSecret(parsing: text) }
    }

    @Test(arguments: BearerSecret.Kind.allCases)
    func `a secret with something before, after or instead of its start is refused`(kind: BearerSecret.Kind) {
        let text = secret(kind, of: 7)
        let digits = text.dropFirst(kind.start.count)
        for wrong in [text + "0", " " + text, text + "\n", text + "\0", "batchin_other_" + digits, String(digits)] {
            #expect(throws: AccountsError(.invalidKey, "")) { try BearerSecret(parsing: wrong) }
        }
    }

    @Test func `a key is no session and a session is no key`() {
        let key = secret(.apiKey, of: 7)
        let token = secret(.session, of: 7)
        for swapped in [
            "batchin_session_" + key.dropFirst("batchin_api_".count),
            "batchin_api_" + token.dropFirst("batchin_session_".count),
        ] {
            #expect(throws: AccountsError(.invalidKey, "")) { try BearerSecret(parsing: swapped) }
        }
    }
}
