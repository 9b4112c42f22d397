import TestSupport
import Testing

@testable import Inference

@Suite struct CompletionResponseTests {
    private let chat =
        #"{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"smollm2","choices":[{"index":0,"message":{"role":"assistant","content":"Hello","model":"no"},"finish_reason":"stop"},{"index":1,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"add","arguments":"{}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}"#

    @Test func `the answer says what it is`() throws {
        let facts = try response(chat).facts
        #expect(facts.id == "chatcmpl-1")
        #expect(facts.model == "smollm2")
        #expect(facts.usage?.promptTokens == 3)
        #expect(facts.usage?.completionTokens == 4)
        #expect(facts.finishReasons == ["stop", "tool_calls"])
        #expect(facts.hasFinished)
        #expect(facts.text.byteCount == 5 + 3 + 2)
    }

    @Test func `the client gets the catalogue's name of the model and all else byte for byte`() throws {
        let body = try response(chat).clientBody(model: "qwen3-32b")
        #expect(String(decoding: body, as: UTF8.self) == chat.replacing("\"smollm2\"", with: "\"qwen3-32b\""))
    }

    @Test func `every model member is set back, whatever it is, and none is added`() throws {
        let body = #"{ "model" : null , "choices":[], "mod\u0065l":[1] }"#
        let edited = try response(body).clientBody(model: "m")
        #expect(String(decoding: edited, as: UTF8.self) == #"{ "model" : "m" , "choices":[], "mod\u0065l":"m" }"#)
        #expect(try response(#"{"choices":[]}"#).clientBody(model: "m") == Array(#"{"choices":[]}"#.utf8))
    }

    @Test func `texts of completions are counted`() throws {
        let facts = try response(
            #"{"choices":[{"text":"ab","index":0,"finish_reason":"length"},{"text":"c","index":1}]}"#
        ).facts
        #expect(facts.text.byteCount == 3)
        #expect(!facts.hasFinished)
        #expect(facts.usage == nil)
    }

    @Test func `reasoning is counted once, under either of its names`() throws {
        for message in [
            #"{"content":"ab","reasoning_content":"cde"}"#, #"{"content":"ab","reasoning":"cde"}"#,
            #"{"reasoning":"cde","content":"ab","reasoning_content":"cde","reasoning_details":[{"text":"cde"}]}"#,
            #"{"content":[{"type":"text","text":"ab"}],"refusal":"cde"}"#,
            #"{"function_call":{"name":"ab","arguments":"cde"}}"#,
        ] {
            #expect(try response("{\"choices\":[{\"message\":\(message)}]}").facts.text.byteCount == 5, "\(message)")
        }
    }

    @Test(arguments: [
        "", "null", "[]", "{}", "<html>", #"{"choices":null}"#, #"{"choices":{}}"#, #"{"choices":[]"#,
        #"{"choices":[]}}"#,
        "Internal Server Error",
    ])
    func `what is no answer is an upstream error`(body: String) {
        #expect(throws: InferenceError(.upstreamError, "")) { try response(body) }
    }

    @Test func `an error in spite of a good status is an error, with its message`() {
        let error = #expect(throws: InferenceError.self) {
            try response(#"{"choices":[],"error":{"message":"model is loading","code":503}}"#)
        }
        #expect(error?.code == .upstreamError)
        #expect(error?.message == "the provider reports an error: model is loading")
        #expect(throws: Never.self) { try response(#"{"choices":[],"error":null}"#) }
    }

    @Test func `odd choices are passed on`() throws {
        let body =
            #"{"choices":[null,1,{"delta":5,"message":null,"text":7,"index":-1,"finish_reason":5},{"index":4000}]}"#
        #expect(try response(body).clientBody(model: "m") == Array(body.utf8))
    }

    @Test func `names that are no names are not kept`() throws {
        let long = String(repeating: "x", count: 300)
        let facts = try response("{\"id\":\"\(long)\",\"model\":5,\"choices\":[]}").facts
        #expect(facts.id == nil)
        #expect(facts.model == nil)
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `no broken answer stops the program`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<1_000 {
            var body = Array(chat.utf8)
            JSONStub.mutate(&body, using: &random)
            guard let response = try? CompletionResponse(body: body) else { continue }  // Refused, as most of them are.
            #expect(isJSON(response.clientBody(model: "x"), by: .provider), "seed \(seed)")
        }
    }

    @discardableResult
    private func response(_ body: String) throws -> CompletionResponse {
        try CompletionResponse(body: Array(body.utf8))
    }
}
