import TestSupport
import Testing

@testable import Inference

@Suite struct TokenEstimateTests {
    /// The true counts are those of a public vocabulary of 200,000 tokens.
    @Test(arguments: [
        ("The quick brown fox jumps over the lazy dog, and then it sleeps until the next morning.", 19),
        ("func add(_ a: Int, _ b: Int) -> Int {\n    return a + b\n}\n", 22),
        ("今天天气很好,我们去公园散步吧。", 13), ("Привет, как твои дела сегодня вечером?", 10),
        (#"{"name":"alpha","value":37,"list":[1,2,3]}"#, 17),
    ])
    func `the estimate of a text is near its true count`(text: String, trueCount: Int64) {
        var tally = TextTally()
        tally.add(raw: 0..<text.utf8.count, of: text)
        #expect((trueCount * 6 / 10...trueCount * 16 / 10).contains(tally.tokenCount), "\(tally.tokenCount)")
        #expect(tally.byteCount == Int64(text.utf8.count))
    }

    @Test func `how a text is cut makes no difference`() {
        let text = "Hello, 世界! 😀 12345\n"
        var whole = TextTally()
        whole.add(raw: 0..<text.utf8.count, of: text)
        var pieces = TextTally()
        for offset in 0..<text.utf8.count { pieces.add(raw: offset..<offset + 1, of: text) }
        #expect(pieces == whole)
    }

    @Test func `an escaped string counts as what it says`() {
        let plain = "a\n\"中\u{1F600}\\"
        let escaped = #"a\n\"\u4e2d\ud83d\ude00\\"#
        var tally = TextTally()
        Array(escaped.utf8).withRawBytes { tally.add(0..<$0.byteCount, of: $0) }
        var expected = TextTally()
        expected.add(raw: 0..<plain.utf8.count, of: plain)
        #expect(tally == expected)
    }

    @Test func `nothing is no token, and a little is one`() {
        var tally = TextTally()
        #expect(tally.tokenCount == 0)
        tally.add(raw: 0..<1, of: " ")
        #expect(tally.tokenCount == 1)
    }

    @Test func `a conversation counts its texts and what is around them`() throws {
        let one = try chat(#"[{"role":"user","content":"Hello"}]"#)
        #expect(one.worstCase == 256 + 16 + 5)
        #expect(one.likely == 3 + 4 + 2)
        let two = try chat(#"[{"role":"user","content":"Hello"},{"role":"assistant","content":"Hello","name":"ab"}]"#)
        #expect(two.worstCase == 256 + 2 * 16 + 5 + 5 + 2)
        #expect(try chat(#"[{"role":"user","content":null}]"#).worstCase == 256 + 16)
    }

    @Test func `parts of text count as text, whatever the order of their members`() throws {
        let parts =
            #"[{"role":"user","content":[{"type":"text","text":"Hello"},{"text":"Hello","type":"text"},"Hello"]}]"#
        #expect(try chat(parts).worstCase == 256 + 16 + 15)
    }

    @Test func `a picture counts the same however large its data is`() throws {
        for url in ["https://example.com/a.png", "data:image/png;base64," + String(repeating: "A", count: 100_000)] {
            let part = "[{\"content\":[{\"image_url\":{\"url\":\"\(url)\"},\"type\":\"image_url\"}]}]"
            #expect(try chat(part) == TokenEstimate(likely: 3 + 4 + 1_024, worstCase: 256 + 16 + 16_384))
        }
    }

    @Test func `sound and files count by their size`() throws {
        let data = String(repeating: "A", count: 1_000_000)
        let sound = try chat("[{\"content\":[{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"\(data)\"}}]}]")
        #expect((15_000...16_500).contains(sound.worstCase))
        let file = try chat("[{\"content\":[{\"type\":\"file\",\"file\":{\"file_data\":\"\(data)\"}}]}]")
        #expect((125_000...126_000).contains(file.worstCase))
        let small = try chat(#"[{"content":[{"type":"video_url","video_url":{"url":"x"}}]}]"#)
        #expect(small.worstCase == 256 + 16 + 16_384)
    }

    @Test func `definitions of tools count as text`() throws {
        let without = try ChatRequest(body: Array(#"{"model":"m","messages":[{}]}"#.utf8)).tokenEstimate()
        for name in ["tools", "functions", "response_format"] {
            let body = "{\"model\":\"m\",\"messages\":[{}],\"\(name)\":[{\"a\":1}]}"
            let with = try ChatRequest(body: Array(body.utf8)).tokenEstimate()
            #expect(with.worstCase == without.worstCase + 9)
        }
    }

    @Test func `tool calls in the conversation count`() throws {
        let call = #"[{"type":"function","function":{"name":"f","arguments":"{}"}}]"#
        let estimate = try chat("[{\"role\":\"assistant\",\"content\":null,\"tool_calls\":\(call)}]")
        #expect(estimate.worstCase == 256 + 16 + Int64(call.utf8.count))
    }

    @Test func `prompts and suffixes count, and tokens exactly`() throws {
        func estimate(_ fields: String) throws -> TokenEstimate {
            try CompletionRequest(body: Array("{\"model\":\"m\",\(fields)}".utf8)).tokenEstimate()
        }
        #expect(try estimate(#""prompt":"Hello""#) == TokenEstimate(likely: 1 + 2, worstCase: 4 + 5))
        #expect(try estimate(#""prompt":["Hello","Hello"]"#).worstCase == 8 + 10)
        #expect(try estimate(#""prompt":"Hello","suffix":"abc""#).worstCase == 4 + 5 + 3)
        #expect(try estimate(#""prompt":[5,6,7]"#) == TokenEstimate(likely: 1 + 3, worstCase: 4 + 3))
        #expect(try estimate(#""prompt":[[5,6],[7]]"#) == TokenEstimate(likely: 2 + 3, worstCase: 8 + 3))
        let embedding = try EmbeddingRequest(body: Array(#"{"model":"m","input":["Hello"]}"#.utf8)).tokenEstimate()
        #expect(embedding == TokenEstimate(likely: 1 + 2, worstCase: 4 + 5))
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `the worst case is never below the guess, but for the fixed parts`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            let content = JSONStub.value(depth: 3, using: &random)
            let body = Array(#"{"model":"m","messages":[{"content":"#.utf8) + content + Array("}]}".utf8)
            let estimate = try ChatRequest(body: body).tokenEstimate()
            #expect(estimate.worstCase >= estimate.likely, "seed \(seed)")
        }
    }

    private func chat(_ messages: String) throws -> TokenEstimate {
        try ChatRequest(body: Array("{\"model\":\"m\",\"messages\":\(messages)}".utf8)).tokenEstimate()
    }
}

extension TextTally {
    fileprivate mutating func add(raw range: Range<Int>, of text: String) {
        Array(text.utf8).withRawBytes { add(raw: range, of: $0) }
    }
}
