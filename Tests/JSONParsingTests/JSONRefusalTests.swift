import Testing

@testable import JSONParsing

@Suite struct JSONRefusalTests {
    static let malformed = [
        "[", "]", "{", "}", "[1", "{\"a\":1", "[1,]", "[,1]", "{\"a\":1,}", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\" 1}",
        "{1:1}", "{a:1}", "[1 2]", "[1]]", "{}{}", "[]x", "1 2", "\"a\" \"b\"", "true false", "nul", "tru", "falsee",
        "True", "NaN", "Infinity", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "0x10", "1_0", "'a'", "\"", "\"a",
        "\"\\\"", "\"\\x41\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"",
        "\"\\ud800\\ud800\"", "\"tab\there\"", "\"line\nhere\"", "// x\n1", "/* */1", "[1]#", "\u{FEFF}[]", "\u{A0}1",
        "[\"a\",\n4\n,1,1", "{\"a\":true]", "[true}", "[1,,2]", "\"\\\u{0}\"", "\u{0}", "[1]\u{0}", "9\u{0}", "{}\u{0}",
    ]

    @Test(arguments: malformed)
    func `what is not JSON is refused`(text: String) {
        #expect(throws: JSONParsingError.self) { _ = try JSONDocument(parsing: Array(text.utf8)) }
        // Inside something valid it is no better.
        #expect(throws: JSONParsingError.self) { _ = try JSONDocument(parsing: Array("[\"x\",\(text),0]".utf8)) }
    }

    @Test(arguments: [
        ("", JSONParsingError.Code.empty),
        (" \n\t ", .empty),
        ("[1,]", .malformed),
        ("[1] 2", .malformed),
        ("\"\\q\"", .invalidString),
        ("\"open", .invalidString),
        ("[1.]", .invalidNumber),
    ])
    func `a refusal says what kind of mistake it is`(text: String, code: JSONParsingError.Code) {
        #expect(throws: JSONParsingError(code, "")) { _ = try JSONDocument(parsing: Array(text.utf8)) }
    }

    @Test(arguments: [
        "18446744073709551616", "-9223372036854775809", "100000000000000000000000", "1e309", "-1e309", "1e99999999999",
    ])
    func `a number out of range is refused`(text: String) {
        for whole in [text, "[\(text)]", "{\"a\":\(text)}"] {
            #expect(throws: JSONParsingError(.invalidNumber, "")) { _ = try JSONDocument(parsing: Array(whole.utf8)) }
        }
    }

    /// Markus Kuhn's cases of what UTF-8 is not (https://www.cl.cam.ac.uk/~mgk25/ucs/examples/UTF-8-test.txt).
    @Test(
        arguments: [
            [0x80], [0xBF], [0xC3], [0xC3, 0x28], [0xC0, 0x80], [0xC1, 0xBF], [0xE2, 0x82], [0xE0, 0x80, 0x80],
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x9F, 0x98], [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80],
            [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF],
        ] as [[UInt8]])
    func `bytes that are not UTF-8 are refused wherever they stand`(bytes: [UInt8]) {
        for padding in [0, 1, 31, 32, 61, 62, 63, 64, 65] {
            let text = Array("[\"".utf8) + Array(repeating: 0x61, count: padding) + bytes + Array("\"]".utf8)
            #expect(throws: JSONParsingError(.invalidUTF8, "")) { _ = try JSONDocument(parsing: text) }
        }
    }

    @Test func `as many containers as allowed are accepted and one more is refused`() throws {
        for depthMax in [1, 2, 64, 500] {
            for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
                let allowed = nested(open, close, depth: depthMax)
                _ = try JSONDocument(parsing: allowed, depthMax: depthMax)
                #expect(throws: JSONParsingError(.tooDeep, "")) {
                    _ = try JSONDocument(parsing: allowed, depthMax: depthMax - 1)
                }
            }
        }
    }

    @Test func `a million open brackets are refused`() {
        for open in ["[", "{\"a\":"] {
            let text = nested(open, open == "[" ? "]" : "}", depth: 1_000_000)
            #expect(throws: JSONParsingError(.tooDeep, "")) { _ = try JSONDocument(parsing: text) }
        }
    }

    @Test func `one changed byte never breaks the walk`() {
        let text = Array(#"{"a":[1,-2.5e3,"x\u00e9\n",{"b":null,"c":[true,false,{}]}],"d":18446744073709551615}"#.utf8)
        for position in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[position] = byte
                guard let document = try? JSONDocument(parsing: changed) else { continue }
                let count = document.valueCount()
                #expect(count > 0)
            }
        }
    }

    private func nested(_ open: String, _ close: String, depth: Int) -> [UInt8] {
        Array((String(repeating: open, count: depth) + "0" + String(repeating: close, count: depth)).utf8)
    }
}
