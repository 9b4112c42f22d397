import HTTPTypes
import Testing

@testable import APIServer

@Suite struct JSONBodyTests {
    private func failure<Value>(
        _ text: String, _ read: (borrowing JSONBody) throws(APIError) -> Value
    ) -> APIError? {
        do throws(APIError) {
            _ = try read(try JSONBody(parsing: Array(text.utf8)))
            return nil
        } catch {
            return error
        }
    }

    @Test func `members are read by name and type`() throws {
        let text = #"{"name":"Zoë\n","count":-3,"big":9007199254740993,"list":["a","b"],"at":"2026-04-08T18:00:00.5Z"}"#
        let body = try JSONBody(parsing: Array(text.utf8))
        #expect(try body.string("name") == "Zoë\n")
        #expect(try body.integer("count", in: -5...5) == -3)
        #expect(try body.integer("big", in: 0...Int64.max) == 9_007_199_254_740_993)
        #expect(try body.strings("list") == ["a", "b"])
        #expect(try body.time("at") == 1_775_671_200_500)
    }

    @Test func `what is absent or null is not there`() throws {
        let body = try JSONBody(parsing: Array(#"{"a":null}"#.utf8))
        for name: StaticString in ["a", "b"] {
            #expect(try body.string(name) == nil)
            #expect(try body.integer(name, in: 0...1) == nil)
            #expect(try body.strings(name) == nil)
            #expect(try body.time(name) == nil)
        }
        let error = failure(#"{"a":null}"#) { body throws(APIError) in try body.requiredString("a") }
        #expect(error?.code == .invalidRequest && error?.parameter == "a")
        #expect(error?.message == "a is required")
    }

    @Test func `of equal names the last counts, and names are told apart to the letter`() throws {
        let body = try JSONBody(parsing: Array(#"{"a":1,"A":3,"a":"x","\u0061":"y","a ":"z","b":"x","b":null}"#.utf8))
        #expect(try body.string("a") == "y")
        #expect(try body.string("b") == nil)
    }

    @Test func `what is inside other values is not a member`() throws {
        let body = try JSONBody(parsing: Array(#"{"x":{"a":"inner"},"y":["a","inner"],"z":"a"}"#.utf8))
        #expect(try body.string("a") == nil)
    }

    @Test(arguments: [
        "", " ", "{", "[]", "\"a\"", "1", "null", "true", "{}{}", "{} x", "{\"a\":1,}", "{a:1}", "{'a':1}",
        "{\"a\":01}",
        "{\"a\":NaN}", "{\"a\":\"\n\"}", "{\"a\":\"\\ud800\"}", "\u{FEFF}{}", "{\"a\":1e999}",
        "{\"a\":123456789012345678901234567890}",
    ])
    func `a body that is not one JSON object is refused`(text: String) {
        #expect(failure(text) { _ in }?.code == .invalidRequest)
    }

    @Test func `a body that is not UTF-8 is refused`() {
        for bytes: [UInt8] in [[0x22, 0xFF, 0x22], [0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00], [0x7B, 0x22, 0xC3, 0x22]] {
            #expect(throws: APIError.self) { _ = try JSONBody(parsing: bytes) }
        }
    }

    @Test func `nesting is bounded, also in members that nobody asks for`() throws {
        func nested(_ depth: Int) -> String {
            #"{"x":"# + String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth) + "}"
        }
        #expect(failure(nested(63)) { _ in } == nil)
        #expect(failure(nested(64)) { _ in }?.code == .invalidRequest)
        #expect(failure(nested(100_000)) { _ in }?.code == .invalidRequest)
    }

    @Test(arguments: ["1", "true", "[]", "{}", "\"a\\u0000b\"", "\"\\u0000\""])
    func `what is no string is refused by name, and so is NUL`(value: String) {
        let error = failure("{\"a\":\(value)}") { body throws(APIError) in try body.string("a") }
        #expect(error?.code == .invalidRequest && error?.parameter == "a")
    }

    @Test(arguments: ["0", "11", "-1", "1.0", "5e0", "\"5\"", "true", "[5]", "{}", "9223372036854775808", "5.5"])
    func `what is no integer in the range is refused by name`(value: String) {
        let error = failure("{\"a\":\(value)}") { body throws(APIError) in try body.integer("a", in: 1...10) }
        #expect(error?.code == .invalidRequest && error?.parameter == "a")
        #expect(error?.message == "a must be an integer from 1 to 10")
    }

    @Test(arguments: ["\"a\"", "1", "{\"0\":\"a\"}", "[1]", "[\"a\",null]", "[[\"a\"]]", "[\"\\u0000\"]"])
    func `what is no list of strings is refused by name`(value: String) {
        let error = failure("{\"a\":\(value)}") { body throws(APIError) in try body.strings("a") }
        #expect(error?.code == .invalidRequest && error?.parameter == "a")
    }

    @Test(arguments: ["1775671200", "\"1775671200\"", "\"2026-04-08\"", "\"2026-13-08T18:00:00Z\"", "\"\"", "[]"])
    func `what is no time is refused by name`(value: String) {
        let error = failure("{\"a\":\(value)}") { body throws(APIError) in try body.time("a") }
        #expect(error?.code == .invalidRequest && error?.parameter == "a")
    }
}
