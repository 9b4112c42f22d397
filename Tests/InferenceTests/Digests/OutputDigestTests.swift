import TestSupport
import Testing

@testable import Inference

@Suite struct OutputDigestTests {
    // MARK: - One text

    @Test func `one text is hashed as it reads, whether it comes whole or in chunks`() throws {
        let digest = sha256("Hello, world")
        #expect(try DigestStub.buffered(message: #"{"role":"assistant","content":"Hello, world"}"#) == digest)
        #expect(
            DigestStub.streamed(
                deltas: #"{"role":"assistant","content":""}"#, #"{"content":"Hello"}"#, #"{"content":", world"}"#, "{}")
                == digest)
        #expect(try DigestStub.buffered(#"{"text":"Hello, world","index":0,"finish_reason":"stop"}"#) == digest)
        #expect(DigestStub.streamed(#"{"text":"Hello, "}"#, #"{"index":0,"text":"world"}"#) == digest)
    }

    @Test func `a text is the same however it is escaped`() throws {
        let digest = sha256("a\"b\\c/d\u{8}\u{C}\n\r\t\u{1}é😀")
        let escaped = #"\u0061\"b\\c\/d\b\f\n\r\t\u0001\u00e9\ud83d\ude00"#
        #expect(try DigestStub.buffered(message: "{\"content\":\"\(escaped)\"}") == digest)
        #expect(DigestStub.streamed(deltas: "{\"content\":\"\(escaped)\"}") == digest)
        #expect(
            DigestStub.streamed(deltas: #"{"content":"a\"b\\c/"}"#, #"{"content":"d\b\f\n\r\t\u0001é😀"}"#) == digest)
    }

    @Test func `a character that is cut in two is one character`() throws {
        let bytes = Array("data: {\"choices\":[{\"delta\":{\"content\":\"😀\"}}]}\n\n".utf8)
        let middle = try #require(bytes.firstIndex(of: 0xF0)) + 2
        let end = Array("\"}}]}\n\n".utf8)
        let start = Array("data: {\"choices\":[{\"delta\":{\"content\":\"".utf8)
        #expect(DigestStub.streamed([bytes[..<middle] + end, start + bytes[middle...]]) == sha256("😀"))
        #expect(
            DigestStub.streamed(deltas: #"{"content":"a\ud83d"}"#, "{}", #"{"content":""}"#, #"{"content":"\ude00b"}"#)
                == sha256("a😀b"))
    }

    @Test(arguments: [
        ([#"\ud83d"#], "\u{FFFD}"), ([#"\ud83d"#, "a"], "\u{FFFD}a"), ([#"\ude00"#, #"\ud83d"#], "\u{FFFD}\u{FFFD}"),
        ([#"\ud83d\ud83d"#, #"\ude00"#], "\u{FFFD}😀"), ([#"\\ud83d"#, #"\ude00"#], #"\ud83d"# + "\u{FFFD}"),
        ([#"\\\ud83d"#, #"\ude00"#], #"\"# + "😀"), ([#"\ud83d"#, #"\n"#], "\u{FFFD}\n"),
    ])
    func `half a surrogate pair that stays alone is U+FFFD`(pieces: [String], text: String) {
        let chunks = pieces.map {
            Array("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\($0)\"}}]}\n\n".utf8)
        }
        #expect(DigestStub.streamed(chunks) == sha256(text))
        let others = pieces.map {
            Array("data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"\($0)\"}}]}\n\n".utf8)
        }
        #expect(DigestStub.streamed(others) == sha256(text))
    }

    @Test func `reasoning, refusals, and names of roles are no part of the text`() throws {
        let message = #"{"role":"assistant","reasoning_content":"hm","refusal":"no","content":"Hi","tool_calls":[]}"#
        #expect(try DigestStub.buffered(message: message) == sha256("Hi"))
        #expect(DigestStub.streamed(deltas: message, #"{"reasoning":"hm","tool_calls":null}"#) == sha256("Hi"))
    }

    @Test func `content in parts is the text of the parts`() throws {
        let parts = #"{"content":[{"type":"text","text":"a\n"},{"type":"image","x":1},"c",{"text":"b"},{"text":5}]}"#
        #expect(try DigestStub.buffered(message: parts) == sha256("a\nb"))
        #expect(DigestStub.streamed(deltas: parts) == sha256("a\nb"))
    }

    @Test(arguments: [#"{"content":null}"#, #"{"content":""}"#, "{}", "null", #"{"content":5}"#])
    func `a choice without text is the empty text`(message: String) throws {
        #expect(try DigestStub.buffered(message: message) == sha256(""))
        #expect(DigestStub.streamed(deltas: message) == sha256(""))
    }

    @Test func `no choice at all is nothing`() throws {
        #expect(try DigestStub.buffered() == sha256(""))
        #expect(DigestStub.streamed([]) == sha256(""))
    }

    // MARK: - Several choices

    @Test func `several choices are hashed as canonical JSON, in the order of their indexes`() throws {
        let digest = sha256(#"[{"content":"a\"\b\t\n\f\r\u0001\u001f/é","index":0},{"content":"b\\","index":1}]"#)
        let a = #"a\u0022\u0008\u0009\u000a\u000C\u000d\u0001\u001F\/\u00e9"#
        #expect(
            try DigestStub.buffered(
                "{\"message\":{\"content\":\"b\\\\\"},\"index\":1}", "{\"index\":0,\"message\":{\"content\":\"\(a)\"}}")
                == digest)
        #expect(
            DigestStub.streamed(
                #"{"index":1,"delta":{"content":"b"}}"#, "{\"index\":0,\"delta\":{\"content\":\"\(a)\"}}",
                #"{"index":1,"delta":{"content":"\\"}}"#) == digest)
        let both = "{\"index\":0,\"text\":\"\(a)\"},{\"index\":1,\"text\":\"b\\\\\"}"
        #expect(DigestStub.streamed(both) == digest)
    }

    @Test func `a choice without text has no content, and counts all the same`() throws {
        let digest = sha256(#"[{"index":0},{"content":"b","index":1},{"index":10}]"#)
        let choices = [
            #"{"index":10,"delta":{"content":""}}"#, #"{"index":1,"delta":{"content":"b"}}"#,
            #"{"index":0,"delta":{}}"#,
        ]
        #expect(DigestStub.streamed(choices[0], choices[1], choices[2]) == digest)
        #expect(try DigestStub.buffered(choices[0], choices[1], choices[2]) == digest)
    }

    @Test func `one choice that is not the first is one text`() throws {
        #expect(DigestStub.streamed(#"{"index":3,"delta":{"content":"a"}}"#) == sha256("a"))
        #expect(try DigestStub.buffered(#"{"index":3,"message":{"content":"a"}}"#) == sha256("a"))
    }

    @Test func `an index that no choice can have counts as the first`() {
        let choices = ["-1", "9007199254740992", "1.5", "null"].map { "{\"index\":\($0),\"text\":\"a\"}" }
        #expect(DigestStub.streamed(choices[0], choices[1], choices[2], choices[3]) == sha256("aaaa"))
    }

    // MARK: - Tool calls

    private let canonicalCalls =
        #"[{"index":0,"tool_calls":[{"function":{"arguments":"{\"a\": \"é\\n😀\"}","name":"add"},"id":"call_1","type":"function"},{"function":{"arguments":"","name":"get"},"id":"call_2","type":"function"}]}]"#

    @Test func `tool calls are canonical JSON, and the same whole or in chunks`() throws {
        let digest = sha256(canonicalCalls)
        #expect(
            try DigestStub.buffered(
                message:
                    #"{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"add","arguments":"{\"a\": \"é\\n😀\"}"}},{"index":0,"id":"call_2","type":"function","function":{"name":"get","arguments":""},"x":[1.50]}]}"#
            ) == digest)
        #expect(
            DigestStub.streamed(
                deltas: #"{"role":"assistant","content":null}"#,
                #"{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"add","arguments":""}}]}"#,
                #"{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\": \"\u00e9\\"}}]}"#,
                #"{"tool_calls":[{"index":1,"id":"call_2","type":"function","function":{"name":"get","arguments":""}},{"index":0,"function":{"arguments":"n\ud83d"}}]}"#,
                #"{"tool_calls":[{"index":0,"id":"","function":{"name":"","arguments":"\ude00\"}"}}],"content":""}"#
            ) == digest)
    }

    @Test func `text that comes with tool calls is there as well`() throws {
        let digest = sha256(
            #"[{"content":"Let me\nsee","index":0,"tool_calls":[{"function":{"name":"f"},"id":"1"},{"type":"function"},{}]}]"#
        )
        #expect(
            try DigestStub.buffered(
                message:
                    #"{"content":"Let me\nsee","tool_calls":[{"id":"1","function":{"name":"f","arguments":{}}},{"type":"function","function":7},{}]}"#
            ) == digest)
        #expect(
            DigestStub.streamed(
                deltas: #"{"content":"Let me"}"#, #"{"content":"\nsee"}"#,
                #"{"tool_calls":[{"index":2},{"index":0,"id":"1","function":{"name":"f"}}]}"#,
                #"{"tool_calls":[{"index":1,"type":"function"}]}"#) == digest)
    }

    @Test func `choices may have tool calls of their own`() throws {
        let digest = sha256(
            #"[{"index":0,"tool_calls":[{"id":"1"}]},{"content":"b","index":1},{"content":"c","index":2,"tool_calls":[{"id":"2"}]}]"#
        )
        let choices = [
            #"{"index":2,"message":{"content":"c","tool_calls":[{"id":"2"}]}}"#,
            #"{"index":1,"message":{"content":"b"}}"#,
            #"{"index":0,"message":{"tool_calls":[{"id":"1"}]}}"#,
        ]
        #expect(try DigestStub.buffered(choices[0], choices[1], choices[2]) == digest)
        #expect(DigestStub.streamed(choices[0], choices[1], choices[2]) == digest)
    }

    // MARK: - Limits

    @Test func `a long text is not held, and much of what has to be held ends the stream`() {
        var editor = StreamEditor(model: "cat", showsUsage: false, heldBytesMax: 1_000)
        let text = String(repeating: "x", count: 400)
        for _ in 0..<10 { #expect(editor.take(ChunkStub.content(text)) == ChunkStub.content(text, model: "cat")) }
        #expect(editor.isOpen && editor.output.value == sha256(String(repeating: text, count: 10)))
        let other = ChunkStub.event("{\"choices\":[{\"index\":1,\"text\":\"\(text)\"}]}")
        #expect(editor.take(other) == other)
        let before = editor.output.value
        #expect(editor.take(other) == "")
        #expect(editor.failure?.code == .upstreamError && editor.output.value == before)
        var calls = StreamEditor(model: "cat", showsUsage: false, heldBytesMax: 1_000)
        for _ in 0..<3 {
            let call = "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"arguments\":\"\(text)\"}}]}}]}"
            _ = calls.take(ChunkStub.event(call))
        }
        #expect(calls.failure?.code == .upstreamError)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `a stream has the digest of the whole answer, however it is cut and escaped`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let count = Int.random(in: 1...3, using: &random)
            let texts = (0..<count).map { _ in
                (0..<Int.random(in: 0...6, using: &random)).map { _ in JSONStub.content(using: &random) }
            }
            let whole = texts.enumerated().shuffled(using: &random).map { index, pieces in
                "{\"index\":\(index),\"message\":{\"content\":\"\(pieces.joined())\"}}"
            }
            let body = Array("{\"choices\":[\(whole.joined(separator: ","))]}".utf8)
            var rest = texts.map { $0[...] }
            var chunks = (0..<count).map { Self.chunk($0, "") }
            while let index = rest.indices.filter({ !rest[$0].isEmpty }).randomElement(using: &random) {
                chunks.append(Self.chunk(index, rest[index].removeFirst()))
            }
            #expect(DigestStub.streamed(chunks) == (try CompletionResponse(body: body).outputHash()), "seed \(seed)")
        }
    }

    private static func chunk(_ index: Int, _ content: String) -> [UInt8] {
        Array("data: {\"choices\":[{\"index\":\(index),\"delta\":{\"content\":\"\(content)\"}}]}\n\n".utf8)
    }
}

extension JSONStub {
    /// A piece of the inside of a string, which may begin or end with half a character.
    fileprivate static func content(using random: inout SeededGenerator) -> String {
        if Int.random(in: 0..<3, using: &random) == 0 {
            return [#"\ud83d"#, #"\ude00"#, #"\\"#, "", "ud83d"].randomElement(using: &random) ?? ""
        }
        return String(String(decoding: string(using: &random), as: UTF8.self).dropFirst().dropLast())
    }
}
