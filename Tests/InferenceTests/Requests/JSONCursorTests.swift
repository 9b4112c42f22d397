import JSONParsing
import TestSupport
import Testing

@testable import Inference

@Suite struct JSONCursorTests {
    @Test(arguments: [
        "{}", "[]", "0", "-0", "1.5e+3", "-0.0E-7", "true", "false", "null", "\"\"", " \t\r\n[ 1 , {\"a\" : [ ] } ] ",
        #""\"\\\/\b\f\n\r\tÿ😀""#, #"{"a":1,"a":2,"":3}"#, "\"é中😀\u{10FFFF}\"", #""\uDBFF\uDFFF""#,
    ])
    func `a sound text is walked to its end`(text: String) throws {
        #expect(isJSON(Array(text.utf8), by: .client))
        #expect(isJSON(Array(text.utf8), by: .provider))
    }

    @Test(arguments: [
        "", " ", "{", "}", "[", "]", "{]", "[}", "[1}", "{\"a\":1]", "[1,]", "[,1]", "[1 2]", "{,}", "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{1:1}", "{\"a\":1 \"b\":2}", "1 2", "{} x", "[1],", "01", "-", "+1", ".5",
        "1.", "1.e3", "1e", "1e+", "--1", "0x1", "NaN", "tru", "truE", "nulll", "\"", "\"a", "\"\\\"", "\"\\",
        "\"\\x\"",
        "\"\\u12\"", "\"\\u12G4\"", "\"\\U0041\"", "\"\n\"", "\"\u{1}\"", "\"\u{0}\"", "'a'", "\u{FEFF}{}", "\u{0}",
        "[1\u{0B},2]", "/**/1", "{\"a\":\"b\"", "[[[", "\"12345678\t\"", "\"\u{1F}\"", "\"1234567\u{1F}12345678\"",
        "[1]]", "{\"a\":{\"b\":1}", "\"1234567\\\"",
    ])
    func `what is not JSON is refused, whoever wrote it`(text: String) {
        #expect(!isJSON(Array(text.utf8), by: .client))
        #expect(!isJSON(Array(text.utf8), by: .provider))
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x9F, 0xBF], [0xE2, 0x82],
            [0xE2, 0x28, 0xA1],
            [0xED, 0xA0, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80], [0xF5], [0xFF],
            [0xE4, 0xBD, 0xA0, 0xE5], Array(#"\uD800"#.utf8), Array(#"\uDC00"#.utf8), Array(#"\uD800A"#.utf8),
            Array(#"\uD800\uD800"#.utf8), Array(#"\uDC00\uDC00"#.utf8),
        ] as [[UInt8]])
    func `a string that is not Unicode is refused from a client and let pass from a provider`(content: [UInt8]) {
        let quote = [UInt8(ascii: "\"")]
        for padding in ["", "12345678", "123456789abc"] {
            let text = quote + Array(padding.utf8) + content + quote
            #expect(!isJSON(text, by: .client))
            #expect(isJSON(text, by: .provider))
        }
    }

    @Test func `bytes beyond ASCII stand only in strings`() {
        #expect(!isJSON(Array("é".utf8), by: .provider))
        #expect(!isJSON(Array("[1,é]".utf8), by: .provider))
        #expect(!isJSON(Array("{é:1}".utf8), by: .provider))
    }

    @Test func `containers may lie 128 deep inside each other and no deeper`() {
        for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
            let inner = open == "[" ? "" : "1"
            let deepest = String(repeating: open, count: 128) + inner + String(repeating: close, count: 128)
            #expect(isJSON(Array(deepest.utf8), by: .client))
            let tooDeep = String(repeating: open, count: 129) + inner + String(repeating: close, count: 129)
            #expect(!isJSON(Array(tooDeep.utf8), by: .client))
        }
    }

    @Test(arguments: [100, 129])
    func `containers that are stepped into count too`(steps: Int) throws {
        let text = Array((String(repeating: "[", count: 129) + String(repeating: "]", count: 129)).utf8)
        #expect(throws: InferenceError(.invalidRequest, "")) {
            try text.withRawBytes { (bytes) throws(InferenceError) in
                var cursor = JSONCursor(0..<bytes.byteCount, by: .client)
                for _ in 0..<steps {
                    var array = try cursor.beginArray(in: bytes)
                    _ = try cursor.nextElement(of: &array, in: bytes)
                }
                if steps < 129 { _ = try cursor.skipValue(in: bytes) }
            }
        }
    }

    @Test func `containers that are stepped out of don't count any more`() throws {
        try Array("[\(String(repeating: "[1],", count: 300))[1]]".utf8).withRawBytes { bytes in
            var cursor = JSONCursor(0..<bytes.byteCount, by: .client)
            var array = try cursor.beginArray(in: bytes)
            while try cursor.nextElement(of: &array, in: bytes) {
                var inner = try cursor.beginArray(in: bytes)
                while try cursor.nextElement(of: &inner, in: bytes) { _ = try cursor.skipValue(in: bytes) }
            }
            try cursor.finish(in: bytes)
            #expect(array.count == 301)
        }
    }

    @Test func `nothing behind the end of the text is read`() throws {
        let text = #"[true,"ab\u0041é",1.5e3,{"a":null},false]"#
        let bytes = Array(text.utf8)
        for end in 0..<bytes.count {
            bytes.withRawBytes { bytes in
                for author in [JSONCursor.Author.client, .provider] {
                    var cursor = JSONCursor(0..<end, by: author)
                    let value = try? cursor.skipValue(in: bytes)  // Whole or not, that is the question.
                    #expect(value == nil, "\(end)")
                    #expect(cursor.position <= end, "\(end)")
                }
            }
        }
        for literal in ["true", "false", "null", "\"a\""] {
            Array(literal.utf8).withRawBytes { bytes in
                var cursor = JSONCursor(0..<bytes.byteCount - 1, by: .client)
                let value = try? cursor.skipValue(in: bytes)  // As above.
                #expect(value == nil, "\(literal)")
            }
        }
    }

    @Test func `a mistake is the fault of whoever wrote the text`() {
        let text = Array("[1,".utf8)
        #expect(throws: InferenceError(.invalidRequest, "")) { try walk(text, by: .client) }
        #expect(throws: InferenceError(.upstreamError, "")) { try walk(text, by: .provider) }
    }

    @Test func `members are found in their order, with their places`() throws {
        let text = #" {"a" : [1,{"b":2}] ,"\u0062":"x\"y" , "c":null}"#
        var found: [String] = []
        try Array(text.utf8).withRawBytes { bytes in
            var cursor = JSONCursor(0..<bytes.byteCount, by: .client)
            var object = try cursor.beginObject(in: bytes)
            while let member = try cursor.nextMember(of: &object, in: bytes) {
                let value = try cursor.skipValue(in: bytes)
                let places = [member.separator, member.start].compactMap { $0.map { bytes.byte(at: $0) } }
                #expect(places == Array((member.ordinal == 0 ? "\"" : ",\"").utf8))
                #expect((member.separator == nil) == (member.ordinal == 0))
                found.append(String(decoding: bytes.copy(of: value.range), as: UTF8.self))
                for name in ["a", "b", "c"] as [StaticString] where member.isNamed(name, in: bytes) {
                    found.append("\(name)")
                }
            }
            #expect(object.count == 3)
            #expect(object.close == text.utf8.count - 1)
            try cursor.finish(in: bytes)
        }
        #expect(found == [#"[1,{"b":2}]"#, "a", #""x\"y""#, "b", "null", "c"])
    }

    @Test func `a key is not taken for a longer or an escaped one that differs`() throws {
        for key in ["mode", "models", "Model", #"mod\u0045l"#, #"model\u0000"#, ""] {
            try Array("{\"\(key)\":1}".utf8).withRawBytes { bytes in
                var cursor = JSONCursor(0..<bytes.byteCount, by: .client)
                var object = try cursor.beginObject(in: bytes)
                let isModel = try cursor.nextMember(of: &object, in: bytes)?.isNamed("model", in: bytes)
                #expect(isModel == false, "\(key)")
            }
        }
    }

    @Test(
        arguments: [
            ("0", 0), ("-1", -1), ("9223372036854775807", .max), ("-9223372036854775808", .min),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1.0", nil), ("1e3", nil), ("\"1\"", nil),
            ("99999999999999999999", nil), ("null", nil),
        ] as [(String, Int64?)])
    func `integers are read exactly or not at all`(text: String, expected: Int64?) throws {
        try Array(text.utf8).withRawBytes { bytes in
            var cursor = JSONCursor(0..<bytes.byteCount, by: .client)
            let integer = try cursor.skipValue(in: bytes).integer(in: bytes)
            #expect(integer == expected)
        }
    }

    @Test(arguments: [
        (#""plain""#, "plain"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""A\u00e9\u4E2D""#, "Aé中"),
        (#""\ud83d\ude00!""#, "😀!"), (#""\ud83d""#, "\u{FFFD}"), (#""\ude00x""#, "\u{FFFD}x"),
        (#""\ud83dA""#, "\u{FFFD}A"), (#""\ude00\ude00""#, "\u{FFFD}\u{FFFD}"), (#""\u0000""#, "\u{0}"),
    ])
    func `strings are unescaped`(text: String, expected: String) throws {
        try Array(text.utf8).withRawBytes { bytes in
            var cursor = JSONCursor(0..<bytes.byteCount, by: .provider)
            let string = try cursor.skipValue(in: bytes).string(in: bytes)
            #expect(string == expected)
        }
    }

    /// simdjson also refuses numbers that no 64 bits hold, which are JSON; so those are let be.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `it agrees with simdjson on texts that are right or nearly so`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            var text = JSONStub.value(depth: 4, using: &random)
            if Bool.random(using: &random) { JSONStub.mutate(&text, using: &random) }
            switch Result(catching: { () throws(JSONParsingError) in try Self.parse(text) }) {
            case .success: #expect(isJSON(text, by: .client), "seed \(seed): \(String(decoding: text, as: UTF8.self))")
            case .failure(let error) where error.code == .invalidNumber && hasLargeNumber(text): break
            case .failure:
                #expect(!isJSON(text, by: .client), "seed \(seed): \(String(decoding: text, as: UTF8.self))")
            }
        }
    }

    private static func parse(_ text: [UInt8]) throws(JSONParsingError) {
        _ = try JSONDocument(parsing: text, depthMax: 128)
    }

    private func hasLargeNumber(_ text: [UInt8]) -> Bool {
        var digitCount = 0
        for byte in text {
            digitCount = byte.isDigit ? digitCount + 1 : 0
            if digitCount > 18 || byte | 0x20 == UInt8(ascii: "e") { return true }
        }
        return false
    }
}

func walk(_ text: [UInt8], by author: JSONCursor.Author) throws(InferenceError) {
    try text.withRawBytes { (bytes) throws(InferenceError) in
        var cursor = JSONCursor(0..<bytes.byteCount, by: author)
        _ = try cursor.skipValue(in: bytes)
        try cursor.finish(in: bytes)
    }
}

func isJSON(_ text: [UInt8], by author: JSONCursor.Author) -> Bool {
    do throws(InferenceError) {
        try walk(text, by: author)
        return true
    } catch {
        return false
    }
}
