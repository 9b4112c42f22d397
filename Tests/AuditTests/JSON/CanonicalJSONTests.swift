import Audit
import Testing

struct CanonicalJSONTests {
    private func canonical(_ text: String) throws -> String {
        String(decoding: CanonicalJSON.encode(try JSONParser.parse(Array(text.utf8))), as: UTF8.self)
    }

    /// https://www.rfc-editor.org/rfc/rfc8785#section-3.2.3
    @Test func `members are sorted by their UTF-16 code units`() throws {
        let text = #"""
            {"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
            "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control",
            "\u00f6": "Latin Small Letter O With Diaeresis"}
            """#
        let names = try JSONParser.parse(CanonicalJSON.encode(try JSONParser.parse(Array(text.utf8)))).object?.names
        #expect(names == ["\r", "1", "\u{80}", "\u{F6}", "\u{20AC}", "\u{1F600}", "\u{FB33}"])
    }

    /// https://www.rfc-editor.org/rfc/rfc8785#section-3.2.2, without its fractions.
    @Test func `only what has to be escaped is escaped`() throws {
        let text = #"{"string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}"#
        #expect(try canonical(text) == #"{"literals":[null,true,false],"string":"€$\#u{5C}u000f\nA'B\"\\\\\"/"}"#)
        #expect(try canonical(#""\b\t\n\f\r\u0000\u001F\u007f""#) == "\"\\b\\t\\n\\f\\r\\u0000\\u001f\u{7F}\"")
    }

    @Test func `a name that begins another stands before it`() throws {
        #expect(try canonical(#"{"ab":1,"a":2,"":3,"B":4}"#) == #"{"":3,"B":4,"a":2,"ab":1}"#)
    }

    @Test func `texts that look alike stay different`() throws {
        let composed = try JSONParser.parse(Array("\"\u{E9}\"".utf8))
        let decomposed = try JSONParser.parse(Array("\"e\u{301}\"".utf8))
        #expect(composed != decomposed)
        let both = try JSONParser.parse(Array("{\"\u{E9}\":1,\"e\u{301}\":2}".utf8))
        #expect(both.object?["e\u{301}"] == 2)
        #expect(CanonicalJSON.encode(both) == Array("{\"e\u{301}\":2,\"\u{E9}\":1}".utf8))
    }

    @Test func `integers keep every digit up to their limits`() throws {
        for text in ["0", "-1", "9007199254740991", "-9007199254740991", "[]", "{}", "[[],{}]"] {
            #expect(try canonical(" \(text)\n") == text)
        }
    }
}
