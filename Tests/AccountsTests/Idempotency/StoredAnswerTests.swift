import Testing

@testable import Accounts

struct StoredAnswerTests {
    @Test func `an answer is what it was encoded from`() {
        let empty = StoredAnswer(status: 402, headers: [], body: [])
        for answer in [.stub(), empty, .stub(String(repeating: "x", count: 70_000))] {
            #expect(StoredAnswer(encoded: answer.encoded) == answer)
        }
    }

    @Test func `bytes that end too early, or are of another format, are no answer`() {
        let answer = StoredAnswer(status: 200, headers: [.init(name: "a", value: "bc")], body: [])
        for count in 0..<answer.encoded.count {
            #expect(StoredAnswer(encoded: Array(answer.encoded.prefix(count))) == nil)
        }
        #expect(StoredAnswer(encoded: [2] + answer.encoded.dropFirst()) == nil)
        #expect(StoredAnswer(encoded: [1] + Array(repeating: 0xFF, count: 20)) == nil)
    }
}
