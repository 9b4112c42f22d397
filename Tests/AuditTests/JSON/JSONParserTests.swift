import Audit
import Testing

struct JSONParserTests {
    private func code(_ text: [UInt8]) -> AuditError.Code? {
        do throws(AuditError) {
            _ = try JSONParser.parse(text)
            return nil
        } catch {
            return error.code
        }
    }

    @Test(arguments: [
        #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, #"[{"":1,"":1}]"#, #""\ud800""#, #""\udc00""#, #""\ud800\ud800""#,
        #""\ud800x""#, #""\ud800\n""#, "1.0", "1e2", "1E+2", "-0", "9007199254740992", "-9007199254740992",
        "18446744073709551617", "\u{FEFF}{}",
    ])
    func `JSON that readers could understand differently is refused`(text: String) {
        #expect(code(Array(text.utf8)) == .refusedJSON)
    }

    @Test(arguments: [
        "", " ", "{", "[", "\"", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, "[1,]", "[,1]", "01", "-", "1.", ".5", "+1",
        "1e", "nul", "nulll", "NaN", "\"\u{1}\"", "\"\t\"", #""\x""#, #""\u12""#, #""\u12g4""#, "{} {}", "{}x",
        "{a:1}", "[1 2]", #"{"a" 1}"#, #"{"a":1 "b":2}"#, #"{"a":1]"#, #"{"a":1,"a":2"#, "1.5x", #""\ud800\u""#,
        "\u{C}1", "\u{A0}1",
    ])
    func `text with a fault anywhere is no JSON, whatever else is wrong with it`(text: String) {
        #expect(code(Array(text.utf8)) == .malformedJSON)
    }

    @Test(arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC3]] as [[UInt8]])
    func `a string that is not UTF-8 is no JSON`(bytes: [UInt8]) {
        #expect(code([0x22] + bytes + [0x22]) == .malformedJSON)
    }

    @Test func `depth and size have limits, and reach up to them`() {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        func long(_ count: Int) -> [UInt8] { [0x22] + [UInt8](repeating: 0x61, count: count - 2) + [0x22] }
        #expect(code(nested(32)) == nil)
        #expect(code(nested(33)) == .refusedJSON)
        #expect(code(nested(100_000)) == .refusedJSON)
        #expect(code(long(1 << 20)) == nil)
        #expect(code(long(1 << 20 + 1)) == .refusedJSON)
    }

    @Test func `escapes in pairs make one character`() throws {
        #expect(try JSONParser.parse(Array(#""\uD83D\ude00\/\u00e9""#.utf8)) == "😀/é")
    }
}
