import Testing

@testable import Accounts

struct APIKeyTests {
    private struct Constant: RandomNumberGenerator {
        let number: UInt64
        mutating func next() -> UInt64 { number }
    }

    private func key(of number: UInt64) -> String {
        var generator = Constant(number: number)
        return APIKey(using: &generator).secretText
    }

    /// Computed with Python: `int.from_bytes(sha256(text[:39].encode()).digest()[:8]) % 62**6`.
    @Test(arguments: [
        (UInt64.min, "batchin_api_000000000000000000000000000RggtU1"),
        (UInt64.max, "batchin_api_aWgEPTl1tmebfsQzFP4bxwgy80VaPo7cm"),
    ])
    func `the least and the greatest key have the documented form`(number: UInt64, text: String) {
        #expect(key(of: number) == text)
    }

    @Test func `keys are 45 characters and never the same`() {
        var generator = SystemRandomNumberGenerator()
        let texts = (0..<1000).map { _ in APIKey(using: &generator).secretText }
        #expect(Set(texts).count == 1000)
        #expect(texts.allSatisfy { $0.utf8.count == 45 })
    }

    @Test func `a key is read back, and its prefix is 16 characters`() throws {
        var generator = SystemRandomNumberGenerator()
        let key = APIKey(using: &generator)
        let read = try APIKey(parsing: key.secretText)
        #expect(read.secretText == key.secretText)
        #expect(read.prefix == String(key.secretText.prefix(16)))
    }

    @Test func `every typing mistake of one character is refused`() {
        let text = Array(key(of: 0x0123_4567_89AB_CDEF).utf8)
        for index in text.indices {
            for replacement in "0aZ-".utf8 where replacement != text[index] {
                var mistyped = text
                mistyped[index] = replacement
                let error = #expect(throws: AccountsError.self) {
                    try APIKey(parsing: String(decoding: mistyped, as: UTF8.self))
                }
                #expect(error?.code == .invalidKey)
            }
        }
    }

    @Test(arguments: ["", "batchin_api_", "batchin_session_0000000000000000000000000000000", "é"])
    func `other text is refused`(text: String) {
        #expect(throws: AccountsError(.invalidKey, "")) { try APIKey(parsing: text) }
    }

    @Test func `a key with something before or after it is refused`() {
        let text = key(of: 7)
        for wrong in [text + "0", " " + text, text + "\n", text + "\0"] {
            #expect(throws: AccountsError(.invalidKey, "")) { try APIKey(parsing: wrong) }
        }
    }

    @Test func `no way of printing shows the key`() throws {
        let key = try APIKey(parsing: key(of: 7))
        var dumped = ""
        dump(key, to: &dumped)
        dump([key], to: &dumped)
        for text in ["\(key)", String(reflecting: key), String(describing: [key]), "\(Optional(key) as Any)", dumped] {
            #expect(!text.contains("batchin_api_"))
        }
    }
}
