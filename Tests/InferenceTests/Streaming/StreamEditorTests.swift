import Testing

@testable import Inference

/// Chunks as providers send them.
enum ChunkStub {
    static func content(_ text: String, model: String = "up", more: String = "") -> String {
        event(
            #"{"id":"c1","object":"chat.completion.chunk","created":5,"model":"\#(model)","choices":[{"index":0,"delta":{"content":"\#(text)"},"finish_reason":null}]\#(more)}"#
        )
    }

    static func finish(model: String = "up", more: String = "") -> String {
        event(#"{"id":"c1","model":"\#(model)","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]\#(more)}"#)
    }

    static func usage(model: String = "up", more: String = "") -> String {
        event(
            #"{"id":"c1","model":"\#(model)","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}\#(more)}"#
        )
    }

    static let done = "data: [DONE]\n\n"

    static func event(_ data: String) -> String { "data: \(data)\n\n" }
}

extension StreamEditor {
    init(showsUsage: Bool) {
        self.init(model: "cat", showsUsage: showsUsage)
    }

    /// What the client gets for a piece of the stream.
    mutating func take(_ text: String) -> String {
        String(decoding: take(Array(text.utf8)).bytes, as: UTF8.self)
    }

    mutating func finish(batchin: String? = nil, comment: String? = nil) -> String {
        let usage = TokenUsage(inputTokens: 7, outputTokens: 8)
        let bytes = finish(
            usage: usage, batchin: batchin.map { Array($0.utf8) }, comment: comment.map { Array($0.utf8) })
        return String(decoding: bytes, as: UTF8.self)
    }

    mutating func fail(with error: String) -> String {
        String(decoding: fail(with: Array(error.utf8)), as: UTF8.self)
    }

    var isComplete: Bool {
        if case .complete = state { true } else { false }
    }

    var isOpen: Bool {
        if case .open = state { true } else { false }
    }

    var failure: InferenceError? {
        if case .failed(let error) = state { error } else { nil }
    }
}

@Suite struct StreamEditorTests {
    private let receipt = "vaas {\"record_id\":\"r\"}"

    // MARK: - What passes

    @Test func `chunks pass as they come, with the catalogue's name of the model`() {
        var editor = StreamEditor(showsUsage: false)
        #expect(editor.take(ChunkStub.content("a")) == ChunkStub.content("a", model: "cat"))
        #expect(editor.take(ChunkStub.content("b")) == ChunkStub.content("b", model: "cat"))
        #expect(editor.take(ChunkStub.finish()) == ChunkStub.finish(model: "cat"))
        #expect(editor.isOpen)
        #expect(editor.take(ChunkStub.done) == "")
        #expect(editor.isComplete)
        #expect(editor.finish(comment: receipt) == ": \(receipt)\n\ndata: [DONE]\n\n")
    }

    @Test func `everything but the named edits is byte for byte`() {
        let odd =
            "id: 7\r\nevent: message\r\ndata:{ \"x\" : [ 1e5 , \"\\u00e9\" ] ,\"model\"  : null,\"choices\":[{\"delta\":{\"content\":\"\u{1F600}\"}}]}\r\nretry: 3\r\n: c\r\n\r\n"
        var editor = StreamEditor(showsUsage: false)
        #expect(editor.take(odd) == odd.replacing(": null", with: ": \"cat\""))
    }

    @Test func `comments and other events without data pass at once`() {
        var editor = StreamEditor(showsUsage: false)
        #expect(editor.take(": OPENROUTER PROCESSING\n") == ": OPENROUTER PROCESSING\n")
        #expect(editor.take("\n") == "\n")
        #expect(editor.take("event: ping\n\n") == "event: ping\n\n")
        #expect(editor.take("data:\n\n") == "data:\n\n")
        #expect(!editor.hasBegun)
        #expect(editor.take("event: ping\ndata: pong\n\n") == "event: ping\ndata: pong\n\n")
        #expect(editor.isOpen)
        _ = editor.take(ChunkStub.content("a"))
        #expect(editor.hasBegun)
    }

    @Test func `an object that spans several lines of data is edited too`() {
        let stream =
            "data: {\"model\":\ndata: \"up\",\"choices\":[{\"delta\":{}}],\ndata: \"usage\":\r\ndata: null\ndata: }\n\n"
        var editor = StreamEditor(showsUsage: false)
        #expect(editor.take(stream) == "data: {\"model\":\ndata: \"cat\",\"choices\":[{\"delta\":{}}]\ndata: }\n\n")
        var shown = StreamEditor(showsUsage: true)
        #expect(shown.take(stream) == stream.replacing("\"up\"", with: "\"cat\""))
    }

    // MARK: - Usage

    @Test func `a client that did not ask sees no usage`() {
        var editor = StreamEditor(showsUsage: false)
        #expect(editor.take(ChunkStub.content("a", more: #","usage":null"#)) == ChunkStub.content("a", model: "cat"))
        #expect(
            editor.take(ChunkStub.finish(more: #","usage":{"prompt_tokens":3},"x":1"#))
                == ChunkStub.finish(model: "cat", more: #","x":1"#))
        #expect(editor.take(ChunkStub.usage()) == "")
        #expect(editor.take(ChunkStub.done) == "")
        #expect(editor.facts.usage?.completionTokens == 2)
        #expect(editor.finish(batchin: "{}") == ChunkStub.done)
    }

    @Test func `a client that asked gets the usage chunk when the run is recorded`() {
        var editor = StreamEditor(showsUsage: true)
        #expect(
            editor.take(ChunkStub.content("a", more: #","usage":null"#))
                == ChunkStub.content("a", model: "cat", more: #","usage":null"#))
        #expect(editor.take(ChunkStub.finish()) == ChunkStub.finish(model: "cat"))
        #expect(editor.take(ChunkStub.usage() + ChunkStub.done) == "")
        #expect(editor.isComplete)
        #expect(
            editor.finish(batchin: #"{"record_id":"r"}"#, comment: receipt)
                == ChunkStub.usage(model: "cat", more: #","batchin":{"record_id":"r"}"#) + ": \(receipt)\n\n"
                + ChunkStub.done)
    }

    @Test func `usage in the chunk that ends the answer waits too`() {
        var editor = StreamEditor(showsUsage: true)
        #expect(editor.take(ChunkStub.finish(more: #","usage":{"prompt_tokens":3}"#)) == "")
        #expect(editor.take(ChunkStub.done) == "")
        #expect(
            editor.finish(batchin: "1")
                == ChunkStub.finish(model: "cat", more: #","usage":{"prompt_tokens":3},"batchin":1"#) + ChunkStub.done)
    }

    @Test func `usage in a chunk on the way does not hold it back`() {
        var editor = StreamEditor(showsUsage: true)
        let more = #","usage":{"prompt_tokens":3,"completion_tokens":1}"#
        #expect(editor.take(ChunkStub.content("a", more: more)) == ChunkStub.content("a", model: "cat", more: more))
        _ = editor.take(ChunkStub.finish() + ChunkStub.done)
        #expect(editor.facts.usage?.completionTokens == 1)
        #expect(editor.finish(batchin: "1") == ChunkStub.done)
    }

    @Test func `a chunk that waits gives way to the next one`() {
        var editor = StreamEditor(showsUsage: true)
        let usage = #","usage":{"prompt_tokens":3}"#
        #expect(editor.take(ChunkStub.finish(more: usage)) == "")
        #expect(editor.take(": ping\n\n") == ": ping\n\n")
        #expect(editor.take(ChunkStub.usage()) == ChunkStub.finish(model: "cat", more: usage))
        #expect(
            editor.take(ChunkStub.content("late")) == ChunkStub.usage(model: "cat")
                + ChunkStub.content("late", model: "cat"))
        _ = editor.take(ChunkStub.done)
        #expect(editor.finish() == ChunkStub.done)
    }

    @Test func `a client that asked gets an estimate where the provider reports nothing`() {
        var editor = StreamEditor(showsUsage: true)
        _ = editor.take(ChunkStub.content("a") + ChunkStub.finish() + ChunkStub.done)
        #expect(
            editor.finish(batchin: "{}")
                == ChunkStub.event(
                    #"{"id":"c1","object":"chat.completion.chunk","created":5,"model":"cat","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":8,"total_tokens":15},"batchin":{}}"#
                ) + ChunkStub.done)
        var bare = StreamEditor(showsUsage: true)
        _ = bare.take(ChunkStub.event(#"{"id":[1],"choices":[{"finish_reason":"stop"}]}"#) + ChunkStub.done)
        #expect(
            bare.finish()
                == ChunkStub.event(
                    #"{"model":"cat","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":8,"total_tokens":15}}"#
                ) + ChunkStub.done)
    }

    @Test func `a chunk without choices that has no usage passes`() {
        let filter = ChunkStub.event(#"{"choices":[],"prompt_filter_results":[]}"#)
        for showsUsage in [true, false] {
            var editor = StreamEditor(showsUsage: showsUsage)
            #expect(editor.take(filter) == filter)
        }
    }

    // MARK: - The end

    @Test func `nothing behind DONE is passed on, another DONE neither`() {
        var editor = StreamEditor(showsUsage: false)
        _ = editor.take(ChunkStub.content("a"))
        #expect(editor.take(ChunkStub.done + ChunkStub.done + ChunkStub.content("b") + ": x\n\n") == "")
        #expect(editor.take(ChunkStub.done + "data: {") == "")
        #expect(editor.end().bytes.isEmpty)
        #expect(editor.isComplete)
        #expect(editor.facts.text.byteCount == 1)
        #expect(editor.finish() == ChunkStub.done)
    }

    @Test func `DONE is passed on as it came`() {
        var editor = StreamEditor(showsUsage: false)
        _ = editor.take(ChunkStub.content("a") + "data:[DONE]\r\n\r\n")
        #expect(editor.finish(comment: "x") == ": x\n\ndata:[DONE]\r\n\r\n")
    }

    @Test func `a stream that ends without DONE is complete if its choices have ended`() {
        var editor = StreamEditor(showsUsage: false)
        _ = editor.take(ChunkStub.content("a") + ChunkStub.finish())
        #expect(editor.end().bytes.isEmpty)
        #expect(editor.isComplete)
        #expect(editor.finish() == ChunkStub.done)
    }

    @Test func `a last event without its blank line gets one`() {
        for (end, missing) in [("", "\n\n"), ("\n", "\n"), ("\r\n", "\n")] {
            var editor = StreamEditor(showsUsage: false)
            let last = String(ChunkStub.finish().dropLast(2)) + end
            #expect(editor.take(ChunkStub.content("a") + last) == ChunkStub.content("a", model: "cat"))
            let bytes = String(decoding: editor.end().bytes, as: UTF8.self)
            #expect(bytes == String(ChunkStub.finish(model: "cat").dropLast(2)) + end + missing)
            #expect(editor.isComplete)
            var held = StreamEditor(showsUsage: true)
            _ = held.take(ChunkStub.finish() + String(ChunkStub.usage().dropLast(2)) + end)
            #expect(held.end().bytes.isEmpty)
            #expect(held.finish() == String(ChunkStub.usage(model: "cat").dropLast(2)) + end + missing + ChunkStub.done)
            var done = StreamEditor(showsUsage: true)
            _ = done.take(ChunkStub.usage() + ChunkStub.finish() + "data: [DONE]" + end)
            _ = done.end()
            #expect(done.isComplete)
            #expect(done.finish() == "data: [DONE]" + end + missing)
        }
    }

    @Test(arguments: [
        "", ": ping\n\n", ChunkStub.content("a"), ChunkStub.content("a") + "data: {\"choi",
        ChunkStub.finish() + "data: {",
        ChunkStub.finish() + ChunkStub.event(#"{"choices":[{"index":1,"delta":{}}]}"#), ChunkStub.usage(),
    ])
    func `a stream that breaks off before its choices have ended has failed`(stream: String) {
        var editor = StreamEditor(showsUsage: false)
        _ = editor.take(stream)
        #expect(editor.isOpen)
        let step = editor.end()
        #expect(step.bytes.isEmpty)
        #expect(editor.failure?.code == .upstreamError)
        #expect(editor.fail(with: #"{"error":{}}"#) == ChunkStub.event(#"{"error":{}}"#))
    }

    @Test func `an answer of nothing but DONE has failed`() {
        var editor = StreamEditor(showsUsage: true)
        #expect(editor.take(": x\n\n" + ChunkStub.done) == ": x\n\n")
        #expect(editor.failure == .brokenOff)
        #expect(!editor.hasBegun)
    }

    // MARK: - Failures

    @Test(arguments: [
        #"data: {"error":{"message":"too slow","code":"x"},"choices":[{"finish_reason":"error"}]}"#,
        #"data: {"error":"too slow"}"#, "event: error\ndata: {\"message\":\"too slow\"}",
        #"error: {"message":"too slow"}"#,
        "data: {\"error\":\ndata: {\"message\":\"too slow\"}}",
    ])
    func `an error that the provider reports is not passed on but told`(event: String) {
        var editor = StreamEditor(showsUsage: false)
        #expect(
            editor.take(ChunkStub.content("a") + event + "\n\n" + ChunkStub.done)
                == ChunkStub.content("a", model: "cat"))
        #expect(editor.failure?.code == .upstreamError)
        #expect(editor.failure?.message == "the provider reports an error: too slow")
        #expect(editor.take(ChunkStub.content("b")) == "")
        #expect(
            editor.fail(with: #"{"error":{"code":"upstream_error"}}"#)
                == ChunkStub.event(#"{"error":{"code":"upstream_error"}}"#))
    }

    @Test func `no error is no error`() {
        var editor = StreamEditor(showsUsage: false)
        _ = editor.take(ChunkStub.content("a", more: #","error":null"#))
        #expect(editor.isOpen)
    }

    @Test(arguments: [
        "data: {\"choices\":[}", "data: null", "data: [1]", "data: hello", "event: message\ndata: x", "data: {} {}",
    ])
    func `data that can't be read ends the stream`(event: String) {
        var editor = StreamEditor(showsUsage: false)
        #expect(editor.take(ChunkStub.content("a") + event + "\n\n") == ChunkStub.content("a", model: "cat"))
        #expect(editor.failure?.code == .upstreamError)
    }

    @Test func `an event that is too large ends the stream`() {
        var editor = StreamEditor(model: "cat", showsUsage: false, eventBytesMax: 400)
        #expect(editor.take(ChunkStub.content("a")) == ChunkStub.content("a", model: "cat"))
        #expect(editor.take("data: " + String(repeating: "x", count: 400)) == "")
        #expect(editor.failure?.code == .upstreamError)
    }

    @Test func `a chunk that waits is passed on before an error`() {
        var editor = StreamEditor(showsUsage: true)
        _ = editor.take(ChunkStub.usage())
        #expect(editor.fail(with: "{}") == ChunkStub.usage(model: "cat") + ChunkStub.event("{}"))
        #expect(editor.fail(with: "{}") == ChunkStub.event("{}"))
    }

    // MARK: - Facts

    @Test func `what the model writes is counted, wherever it writes`() {
        var editor = StreamEditor(showsUsage: false)
        for delta in [
            #"{"role":"assistant","content":"ab"}"#, #"{"reasoning_content":"c"}"#, #"{"refusal":"d"}"#,
            #"{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"ef","arguments":""}}]}"#,
            #"{"tool_calls":[{"index":0,"function":{"arguments":"{\""}}]}"#, #"{"content":null}"#, "{}", "null",
        ] {
            _ = editor.take(ChunkStub.event("{\"choices\":[{\"index\":0,\"delta\":\(delta)}]}"))
        }
        #expect(editor.facts.text.byteCount == 8)
        _ = editor.take(ChunkStub.event(#"{"choices":[{"index":0,"text":"ghi"}]}"#))
        #expect(editor.facts.text.byteCount == 11)
    }

    @Test func `the answer's id, model, choices and ends are noted`() {
        var editor = StreamEditor(showsUsage: false)
        _ = editor.take(
            ChunkStub.content("a")
                + ChunkStub.event(
                    #"{"id":"other","model":"other","choices":[{"index":1,"delta":{},"finish_reason":"length"}]}"#))
        #expect(editor.facts.id == "c1")
        #expect(editor.facts.model == "up")
        #expect(!editor.facts.hasFinished)
        _ = editor.take(ChunkStub.finish() + ChunkStub.finish())
        #expect(editor.facts.hasFinished)
        #expect(editor.facts.finishReasons == ["length", "stop"])
    }
}
