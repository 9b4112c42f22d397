import TestSupport
import Testing

@testable import Inference

@Suite struct StreamEditorFuzzTests {
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `the client gets the same however the network cuts`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<30 {
            var stream = Array(Self.stream(using: &random).utf8)
            if Int.random(in: 0..<4, using: &random) == 0 { JSONStub.mutate(&stream, using: &random) }
            let showsUsage = Bool.random(using: &random)
            let whole = relay([stream], showsUsage: showsUsage)
            let cut = relay(cut(stream, using: &random), showsUsage: showsUsage)
            #expect(cut == whole, "seed \(seed)")
            let bytes = relay(stream.map { [$0] }, showsUsage: showsUsage)
            #expect(bytes == whole, "seed \(seed)")
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `a client that asked for usage gets every byte, but for the model's name`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<30 {
            let stream = Self.stream(using: &random)
            let relayed = relay(cut(Array(stream.utf8), using: &random), showsUsage: true)
            // A comment does not wait for the chunk that is held back, so only the order of lines may differ.
            #expect(lines(relayed) == lines(stream.replacing("\"UP\"", with: "\"cat\"")), "seed \(seed)")
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `a client that did not ask for usage gets every other byte`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<30 {
            let stream = Self.stream(using: &random)
            let relayed = relay(cut(Array(stream.utf8), using: &random), showsUsage: false)
            var expected = stream.replacing("\"UP\"", with: "\"cat\"").replacing(Self.nullUsage, with: "")
            for lineEnd in Self.lineEnds {
                expected = expected.replacing("data: \(Self.usageChunk)\(lineEnd)\(lineEnd)", with: "")
                expected = expected.replacing("data:\(Self.usageChunk)\(lineEnd)\(lineEnd)", with: "")
            }
            #expect(relayed == expected.replacing("\"UP\"", with: "\"cat\""), "seed \(seed)")
        }
    }

    private static let lineEnds = ["\r\n", "\n", "\r"]
    private static let nullUsage = #","usage":null"#
    private static let usageChunk =
        #"{"id":"c1","model":"cat","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}"#

    /// A sound stream with comments, odd line ends and content of every kind.
    private static func stream(using random: inout SeededGenerator) -> String {
        let lineEnd = lineEnds.randomElement(using: &random) ?? "\n"
        let colon = ["data: ", "data:"].randomElement(using: &random) ?? ""
        var stream = ""
        func append(_ data: String) { stream += colon + data + lineEnd + lineEnd }
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            if Int.random(in: 0..<4, using: &random) == 0 { stream += ": keep-alive" + lineEnd + lineEnd }
            let content = String(decoding: JSONStub.string(using: &random), as: UTF8.self)
            let usage = Bool.random(using: &random) ? nullUsage : ""
            append(#"{"id":"c1","model":"UP","choices":[{"index":0,"delta":{"content":\#(content)}}]\#(usage)}"#)
        }
        append(#"{"model":"UP","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#)
        append(usageChunk.replacing("cat", with: "UP"))
        if Bool.random(using: &random) { stream += ": bye" + lineEnd + lineEnd }
        append("[DONE]")
        return stream
    }

    /// Everything that a client gets, the end of the stream included.
    private func relay(_ pieces: [[UInt8]], showsUsage: Bool) -> String {
        var editor = StreamEditor(showsUsage: showsUsage)
        var output: [UInt8] = []
        for piece in pieces { output += editor.take(piece).bytes }
        output += editor.end().bytes
        switch editor.state {
        case .open: Issue.record("the stream has ended")
        case .complete: output += editor.finish(usage: TokenUsage(inputTokens: 1, outputTokens: 1))
        case .failed: output += editor.fail(with: Array("{}".utf8))
        }
        return String(decoding: output, as: UTF8.self)
    }

    private func lines(_ text: String) -> [String] {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init).sorted()
    }
}
