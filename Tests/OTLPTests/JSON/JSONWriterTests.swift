import OTLP
import Testing

@Suite struct JSONWriterTests {
    private func json(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func `commas separate members and elements at every level`() {
        let text = json { writer in
            writer.beginObject()
            writer.key("a")
            writer.beginArray()
            writer.integer(1)
            writer.bool(true)
            writer.null()
            writer.beginObject()
            writer.endObject()
            writer.endArray()
            writer.key("b\"" as String)
            writer.integerString(UInt64.max)
            writer.endObject()
        }
        #expect(text == #"{"a":[1,true,null,{}],"b\"":"18446744073709551615"}"#)
    }

    @Test func `only what must be escaped is escaped, wherever it stands`() {
        for place in 0..<20 {
            let padding = String(repeating: "p", count: place)
            #expect(
                json { $0.string(padding + "\"\\\n\r\t\0\u{1f}\u{7f}/\u{2028}é🎉" + padding) }
                    == "\"" + padding + #"\"\\\n\r\t\u0000\u001f"# + "\u{7f}/\u{2028}é🎉" + padding + "\"")
        }
        for character in UInt8(0x20)..<0x80 where character != UInt8(ascii: "\"") && character != UInt8(ascii: "\\") {
            let text = String(repeating: Character(Unicode.Scalar(character)), count: 9)
            #expect(json { $0.string(text) } == "\"\(text)\"")
        }
    }

    @Test(arguments: [
        (0.5, "0.5"), (-0.0, "-0.0"), (100, "100.0"), (1e16, "1e+16"), (.leastNonzeroMagnitude, "5e-324"),
        (0.1 + 0.2, "0.30000000000000004"),
        (.nan, "\"NaN\""), (.infinity, "\"Infinity\""), (-.infinity, "\"-Infinity\""),
    ])
    func `doubles are as short as they can be`(value: Double, text: String) {
        #expect(json { $0.double(value) } == text)
    }

    @Test(arguments: [(Int64.min, "-9223372036854775808"), (0, "0"), (-1, "-1"), (.max, "9223372036854775807")])
    func `integers are written in full`(value: Int64, text: String) {
        #expect(json { $0.integer(value) } == text)
        #expect(json { $0.integerString(value) } == "\"\(text)\"")
    }

    /// https://www.rfc-editor.org/rfc/rfc4648#section-10
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func `bytes are written in base64`(content: String, text: String) {
        #expect(json { writer in content.withUTF8Bytes { writer.base64($0) } } == "\"\(text)\"")
    }
}
