import Testing

@testable import Inference

@Suite struct CompletionRequestTests {
    @Test(
        arguments: [
            (#""Hi""#, .string, 1), (#""""#, .string, 1), (#"["a","b"]"#, .strings, 2), ("[1,2,3]", .tokens, 1),
            ("[[1,2],[3]]", .tokenLists, 2), (#"[ "a" ]"#, .strings, 1),
        ] as [(String, TextInput.Form, Int64)])
    func `a prompt is one text or several, as strings or as tokens`(
        prompt: String, form: TextInput.Form, count: Int64
    ) throws {
        let request = try completion("{\"model\":\"m\",\"prompt\":\(prompt)}")
        #expect(request.prompt.form == form)
        #expect(request.prompt.count == count)
    }

    @Test(arguments: [
        ("", "prompt"), (#","prompt":null"#, "prompt"), (#","prompt":1"#, "prompt"), (#","prompt":{}"#, "prompt"),
        (#","prompt":[]"#, "prompt"), (#","prompt":["a",1]"#, "prompt"), (#","prompt":[1,"a"]"#, "prompt"),
        (#","prompt":[[1],2]"#, "prompt"), (#","prompt":[1,-1]"#, "prompt[1]"), (#","prompt":[1.5]"#, "prompt[0]"),
        (#","prompt":[null]"#, "prompt[0]"), (#","prompt":[[1],[]]"#, "prompt[1]"),
        (#","prompt":[[1,"a"]]"#, "prompt[0][1]"), (#","prompt":"a","suffix":1"#, "suffix"),
        (#","prompt":"a","n":0"#, "n"), (#","prompt":"a","stream":0"#, "stream"),
    ])
    func `a wrong field is refused by its name`(fields: String, parameter: String) {
        let error = #expect(throws: InferenceError.self) { try completion("{\"model\":\"m\"\(fields)}") }
        #expect(error?.code == .invalidRequest)
        #expect(error?.parameter == parameter)
    }

    @Test func `every prompt and every candidate counts for the output`() throws {
        let request = try completion(#"{"model":"m","prompt":["a","b","c"],"n":2,"best_of":5,"max_tokens":7}"#)
        #expect(request.generation.choiceCount == 2)
        #expect(try request.outputTokensMax(tokensPerChoice: 7) == 105)
        let error = #expect(throws: InferenceError.self) { try request.outputTokensMax(tokensPerChoice: .max / 2) }
        #expect(error?.parameter == "max_tokens")
    }

    @Test func `the suffix is noticed`() throws {
        #expect(try completion(#"{"model":"m","prompt":"a","suffix":"b"}"#).hasSuffix)
        #expect(try !completion(#"{"model":"m","prompt":"a","suffix":null}"#).hasSuffix)
        #expect(try !completion(#"{"model":"m","prompt":"a"}"#).hasSuffix)
    }

    @Test func `the provider gets the body with the named edits`() throws {
        let edited = try completion(#"{"prompt": "a", "stream":true, "model":"m", "x":[1]}"#).upstreamBody(model: "up")
        #expect(
            String(decoding: edited, as: UTF8.self)
                == #"{"prompt": "a", "stream":true, "model":"up", "x":[1],"stream_options":{"include_usage":true}}"#)
    }

    @Test func `prompts can be sent one at a time`() throws {
        let request = try completion(#"{"model":"m","prompt":[ "a\"," , "b" ],"x":1}"#)
        let bodies = try request.prompts().map { request.upstreamBody(model: "up", singlePrompt: $0) }
        #expect(
            bodies.map { String(decoding: $0, as: UTF8.self) } == [
                #"{"model":"up","prompt":"a\",","x":1}"#, #"{"model":"up","prompt":"b","x":1}"#,
            ])
        let tokens = try completion(#"{"model":"m","prompt":[[1,2],[3]]}"#)
        let lists = try tokens.prompts().map { tokens.upstreamBody(model: "up", singlePrompt: $0) }
        #expect(
            lists.map { String(decoding: $0, as: UTF8.self) } == [
                #"{"model":"up","prompt":[1,2]}"#, #"{"model":"up","prompt":[3]}"#,
            ])
    }

    @Test func `one text is one prompt, and the body stays as it is`() throws {
        for prompt in [#""a""#, "[1,2]"] {
            let request = try completion("{\"model\":\"m\",\"prompt\":\(prompt)}")
            let prompts = try request.prompts()
            #expect(prompts.count == 1)
            #expect(request.upstreamBody(model: "m", singlePrompt: prompts.first) == request.body)
        }
    }

    @discardableResult
    private func completion(_ body: String) throws -> CompletionRequest {
        try CompletionRequest(body: Array(body.utf8))
    }
}
