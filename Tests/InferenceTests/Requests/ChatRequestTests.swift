import TestSupport
import Testing

@testable import Inference

@Suite struct ChatRequestTests {
    private static let messages = #""messages":[{"role":"user","content":"Hi"}]"#

    @Test func `the fields that a gateway needs are read`() throws {
        let request = try chat(
            #"""
            {"model":"qwen3-32b","messages":[{"role":"system","content":""},{"role":"user","content":"Hi"}],"stream":true,
             "stream_options":{"include_usage":true},"n":3,"max_tokens":10,"max_completion_tokens":20,
             "metadata":{"prompt_version":"support@v2","other":1}}
            """#)
        #expect(request.model == "qwen3-32b")
        #expect(request.messageCount == 2)
        #expect(request.generation.isStream)
        #expect(request.generation.includesUsage)
        #expect(request.generation.choiceCount == 3)
        #expect(request.generation.tokensPerChoiceMax == 20)
        #expect(try request.outputTokensMax(tokensPerChoice: 20) == 60)
        #expect(request.promptVersion == PromptVersion("support@v2"))
        #expect(request.template == nil)
    }

    @Test func `what is not there, or null, has its default`() throws {
        let nulls =
            #""stream":null,"stream_options":null,"n":null,"max_tokens":null,"metadata":null,"prompt":null,"best_of":null"#
        for body in ["{\"model\":\"m\",\(Self.messages)}", "{\"model\":\"m\",\(nulls),\(Self.messages)}"] {
            let request = try chat(body)
            #expect(!request.generation.isStream)
            #expect(!request.generation.includesUsage)
            #expect(request.generation.choiceCount == 1)
            #expect(request.generation.tokensPerChoiceMax == nil)
            #expect(request.promptVersion == nil)
            #expect(request.template == nil)
        }
    }

    @Test func `a member that is repeated counts as the last one says`() throws {
        let request = try chat(
            #"""
            {"model":"a","stream":true,"n":2,"messages":[{}],"metadata":{"prompt_version":"x","prompt_version":"y"},
             "model":"b","stream":false,"n":null,"messages":[{},{}],"stream_options":{"include_usage":true},
             "stream_options":{}}
            """#)
        #expect(request.model == "b")
        #expect(!request.generation.isStream)
        #expect(request.generation.choiceCount == 1)
        #expect(request.messageCount == 2)
        #expect(request.promptVersion == PromptVersion("y"))
        #expect(!request.generation.includesUsage)
    }

    @Test func `escaped keys and values are understood`() throws {
        let request = try chat(#"{"mod\u0065l":"\u0071wen\/3","\u006dessages":[{}]}"#)
        #expect(request.model == "qwen/3")
    }

    @Test(arguments: [
        (#"{MESSAGES}"#, "model"), (#"{"model":null,MESSAGES}"#, "model"), (#"{"model":1,MESSAGES}"#, "model"),
        (#"{"model":"m"}"#, "messages"), (#"{"model":"m","messages":null}"#, "messages"),
        (#"{"model":"m","messages":[]}"#, "messages"), (#"{"model":"m","messages":{}}"#, "messages"),
        (#"{"model":"m","messages":"Hi"}"#, "messages"), (#"{"model":"m","messages":[{},"Hi"]}"#, "messages[1]"),
        (#"{"model":"m","messages":[null]}"#, "messages[0]"),
        (#"{"model":"m","messages":[{}],"messages":null}"#, "messages"),
        (#"{"model":"m","stream":1,MESSAGES}"#, "stream"), (#"{"model":"m","stream":"true",MESSAGES}"#, "stream"),
        (#"{"model":"m","n":0,MESSAGES}"#, "n"), (#"{"model":"m","n":129,MESSAGES}"#, "n"),
        (#"{"model":"m","n":1.0,MESSAGES}"#, "n"), (#"{"model":"m","n":"1",MESSAGES}"#, "n"),
        (#"{"model":"m","best_of":0,MESSAGES}"#, "best_of"), (#"{"model":"m","best_of":129,MESSAGES}"#, "best_of"),
        (#"{"model":"m","max_tokens":0,MESSAGES}"#, "max_tokens"),
        (#"{"model":"m","max_tokens":-1,MESSAGES}"#, "max_tokens"),
        (#"{"model":"m","max_tokens":1.5,MESSAGES}"#, "max_tokens"),
        (#"{"model":"m","max_tokens":99999999999999999999,MESSAGES}"#, "max_tokens"),
        (#"{"model":"m","max_completion_tokens":true,MESSAGES}"#, "max_completion_tokens"),
        (#"{"model":"m","stream_options":[],MESSAGES}"#, "stream_options"),
        (#"{"model":"m","stream_options":{"include_usage":1},MESSAGES}"#, "stream_options.include_usage"),
        (#"{"model":"m","metadata":{"prompt_version":2},MESSAGES}"#, "metadata.prompt_version"),
        (#"{"model":"m","metadata":{"prompt_version":"a b"},MESSAGES}"#, "metadata.prompt_version"),
        (#"{"model":"m","prompt":"x",MESSAGES}"#, "prompt"), (#"{"model":"m","prompt":{},MESSAGES}"#, "prompt.id"),
        (#"{"model":"m","prompt":{"id":null},MESSAGES}"#, "prompt.id"),
        (#"{"model":"m","prompt":{"id":"a@b"},MESSAGES}"#, "prompt.id"),
        (#"{"model":"m","prompt":{"id":"a","version":2},MESSAGES}"#, "prompt.version"),
        (#"{"model":"m","prompt":{"id":"a","version":""},MESSAGES}"#, "prompt.version"),
        (#"{"model":"m","prompt":{"id":"a","variables":[]},MESSAGES}"#, "prompt.variables"),
    ])
    func `a wrong field is refused by its name`(body: String, parameter: String) throws {
        let body = body.replacing("MESSAGES", with: Self.messages)
        let error = #expect(throws: InferenceError.self) { try chat(body) }
        #expect(error?.code == .invalidRequest)
        #expect(error?.parameter == parameter)
        #expect(error?.message.contains(parameter) == true)
    }

    @Test(arguments: ["", "null", "[]", "[{}]", "{", "{}{}", "{\"model\":\"m\",", "\"x\"", "{\"model\":\"m\"}x"])
    func `a body that is no JSON object is refused`(body: String) {
        let error = #expect(throws: InferenceError.self) { try chat(body) }
        #expect(error?.code == .invalidRequest)
    }

    @Test func `bytes that are not UTF-8 are refused wherever they are`() {
        var body = Array(#"{"model":"m","messages":[{"content":"X"}],"user":"Y"}"#.utf8)
        for character in "XY".utf8 {
            var broken = body
            broken[body.firstIndex(of: character) ?? 0] = 0xFF
            #expect(throws: InferenceError(.invalidRequest, "")) { try ChatRequest(body: broken) }
        }
        body.append(0xFF)
        #expect(throws: InferenceError(.invalidRequest, "")) { try ChatRequest(body: body) }
    }

    @Test func `more output than 64 bits can count is refused`() throws {
        let body = "{\"model\":\"m\",\"n\":128,\"max_tokens\":9223372036854775807,\(Self.messages)}"
        let request = try chat(body)
        let tokens = try #require(request.generation.tokensPerChoiceMax)
        let error = #expect(throws: InferenceError.self) { try request.outputTokensMax(tokensPerChoice: tokens) }
        #expect(error?.code == .invalidRequest)
        #expect(error?.parameter == "max_tokens")
    }

    @Test func `a template is read with its variables as they were sent`() throws {
        let request = try chat(
            #"{"model":"m","prompt":{"id":"support","version":"v2","variables":{"name" : "Ann"},"x":1},MESSAGES}"#
                .replacing("MESSAGES", with: Self.messages))
        #expect(
            request.template
                == PromptTemplateCall(id: "support", version: "v2", variables: Array(#"{"name" : "Ann"}"#.utf8)))
    }

    // MARK: - What the provider gets

    @Test(arguments: [
        (#"{"model":"m","messages":[{}]}"#, #"{"model":"up\"x","messages":[{}]}"#),
        (#"{"model":"m","messages":[{}],"stream":false}"#, #"{"model":"up\"x","messages":[{}],"stream":false}"#),
        (
            #"{"model":"m","messages":[{}],"stream":true}"#,
            #"{"model":"up\"x","messages":[{}],"stream":true,"stream_options":{"include_usage":true}}"#
        ),
        (
            #"{"model":"m","stream":true,"stream_options":{},"messages":[{}]}"#,
            #"{"model":"up\"x","stream":true,"stream_options":{"include_usage":true},"messages":[{}]}"#
        ),
        (
            #"{"model":"m","stream":true,"stream_options": {"x":1} ,"messages":[{}]}"#,
            #"{"model":"up\"x","stream":true,"stream_options": {"x":1,"include_usage":true} ,"messages":[{}]}"#
        ),
        (
            #"{"model":"m","stream":true,"stream_options": null ,"messages":[{}]}"#,
            #"{"model":"up\"x","stream":true,"stream_options": {"include_usage":true} ,"messages":[{}]}"#
        ),
        (
            #"{"model":"m","stream":true,"stream_options":{"include_usage": false,"x":1},"messages":[{}]}"#,
            #"{"model":"up\"x","stream":true,"stream_options":{"include_usage": true,"x":1},"messages":[{}]}"#
        ),
        (
            #"{"model":"m","stream":true,"stream_options":{"include_usage":null},"messages":[{}]}"#,
            #"{"model":"up\"x","stream":true,"stream_options":{"include_usage":true},"messages":[{}]}"#
        ),
        (
            #"{"model":"a","stream":true,"stream_options":{"include_usage":true},"model" : "m","messages":[{}],"stream_options":{"include_usage":false}}"#,
            #"{"model":"up\"x","stream":true,"stream_options":{"include_usage":true},"model" : "up\"x","messages":[{}],"stream_options":{"include_usage":true}}"#
        ),
        (
            #"{"model":"m","stream":false,"stream_options":{"include_usage":false},"messages":[{}]}"#,
            #"{"model":"up\"x","stream":false,"stream_options":{"include_usage":false},"messages":[{}]}"#
        ),
        (#"{"prompt":{"id":"a"},"model":"m","messages":[{}]}"#, #"{"model":"up\"x","messages":[{}]}"#),
        (#"{"model":"m","messages":[{"model":"m"}],"prompt":null}"#, #"{"model":"up\"x","messages":[{"model":"m"}]}"#),
        (
            #"{"model":"m","prompt":{"id":"a"},"stream":true,"messages":[{}],"prompt":{"id":"b"}}"#,
            #"{"model":"up\"x","stream":true,"messages":[{}],"stream_options":{"include_usage":true}}"#
        ),
    ])
    func `the provider gets the body with the named edits`(body: String, expected: String) throws {
        let edited = try chat(body).upstreamBody(model: "up\"x")
        #expect(String(decoding: edited, as: UTF8.self) == expected)
    }

    @Test func `a model with the same name at the provider leaves the body as it is`() throws {
        let body = Array("{\"model\":\"\\u006d\", \(Self.messages) }".utf8)
        #expect(try ChatRequest(body: body).upstreamBody(model: "m") == body)
        let repeated = try chat("{\"model\":\"a\",\"model\":\"m\",\(Self.messages)}").upstreamBody(model: "m")
        #expect(String(decoding: repeated, as: UTF8.self) == "{\"model\":\"m\",\"model\":\"m\",\(Self.messages)}")
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `unknown fields reach the provider byte for byte`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            var members = (0..<Int.random(in: 0...5, using: &random)).map { index in
                Array("\"x\(index)\":".utf8) + JSONStub.value(depth: 3, using: &random)
            }
            members.append(Array(#""messages":[{"content":"#.utf8) + JSONStub.string(using: &random) + Array("}]".utf8))
            members.append(Array(#""model":"MODEL""#.utf8))
            members.shuffle(using: &random)
            let body = Array("{".utf8) + Array(members.joined(separator: Array(",".utf8))) + Array("}".utf8)
            let edited = try ChatRequest(body: body).upstreamBody(model: "LEDOM")
            let expected = String(decoding: body, as: UTF8.self).replacing("\"MODEL\"", with: "\"LEDOM\"")
            #expect(String(decoding: edited, as: UTF8.self) == expected, "seed \(seed)")
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `no broken body is let through or stops the program`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let whole = Array(
            #"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"é"},{"type":"image_url"}]}],"stream":true,"stream_options":{"include_usage":false},"prompt":{"id":"a"},"n":1,"tools":[{}]}"#
                .utf8)
        for _ in 0..<1_000 {
            var body = whole
            JSONStub.mutate(&body, using: &random)
            guard let request = try? ChatRequest(body: body) else { continue }  // Refused, as most of them are.
            #expect(isJSON(request.upstreamBody(model: "x"), by: .client), "seed \(seed)")
            #expect(throws: Never.self) { try request.tokenEstimate() }
        }
    }

    @discardableResult
    private func chat(_ body: String) throws -> ChatRequest {
        try ChatRequest(body: Array(body.utf8))
    }
}
