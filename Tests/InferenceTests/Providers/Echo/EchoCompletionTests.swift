import Testing

@testable import Inference

struct EchoCompletionTests {
    private func texts(_ body: String) async throws -> [String] {
        try Asking.choices(try await Asking.answer(.completions, body)).compactMap { $0["text"] as? String }
    }

    @Test func `it says its prompt`() async throws {
        let answer = try await Asking.answer(.completions, #"{"prompt":"one two"}"#)
        #expect(answer["object"] as? String == "text_completion")
        #expect(answer["model"] as? String == "echo")
        #expect((answer["id"] as? String)?.hasPrefix("cmpl-") == true)
        let choice = try #require(try Asking.choices(answer).first)
        #expect(choice["text"] as? String == "one two")
        #expect(choice["finish_reason"] as? String == "stop")
        #expect(Asking.usage(answer) == ["prompt_tokens": 2, "completion_tokens": 2, "total_tokens": 4])
    }

    @Test func `a suffix comes behind the prompt`() async throws {
        let body = #"{"prompt":"def f(x):","suffix":"    return y"}"#
        #expect(try await texts(body) == ["def f(x):    return y"])
        #expect(Asking.usage(try await Asking.answer(.completions, body))?["prompt_tokens"] == 4)
    }

    @Test func `several prompts make several choices, in their order`() async throws {
        #expect(try await texts(#"{"prompt":["a","b"],"n":2}"#) == ["a", "a", "b", "b"])
        let answer = try await Asking.answer(.completions, #"{"prompt":["a","b"],"n":2}"#)
        #expect(try Asking.choices(answer).compactMap { $0["index"] as? Int } == [0, 1, 2, 3])
    }

    @Test func `token numbers become their digits`() async throws {
        #expect(try await texts(#"{"prompt":[1,22,333]}"#) == ["1 22 333"])
        #expect(try await texts(#"{"prompt":[[1],[2,3]]}"#) == ["1", "2 3"])
    }

    @Test func `a stream says a word of each prompt in turn, whatever their lengths`() async throws {
        let body = #"{"prompt":["one two three","four"],"stream":true,"stream_options":{"include_usage":true}}"#
        let events = try await Asking.events(.completions, body)
        let usage = try #require(events.last)
        #expect(Asking.usage(usage) == ["prompt_tokens": 4, "completion_tokens": 4, "total_tokens": 8])
        #expect(events.allSatisfy { $0["object"] as? String == "text_completion" })
        let choices = try events.dropLast().map { try Asking.choices($0)[0] }
        for (index, text) in ["one two three", "four"].enumerated() {
            let own = choices.filter { $0["index"] as? Int == index }
            #expect(own.compactMap { $0["text"] as? String }.joined() == text)
            #expect(own.last?["finish_reason"] as? String == "stop")
        }
    }

    @Test func `a limit of tokens is a limit of words`() async throws {
        let answer = try await Asking.answer(.completions, #"{"prompt":"one two","max_tokens":1}"#)
        #expect(try Asking.choices(answer)[0]["text"] as? String == "one")
        #expect(try Asking.choices(answer)[0]["finish_reason"] as? String == "length")
    }

    @Test(arguments: [
        ("{}", "prompt"), (#"{"prompt":7}"#, "prompt"), (#"{"prompt":[]}"#, "prompt"),
        (#"{"prompt":[1,"a"]}"#, "prompt"),
        (#"{"prompt":["a",[1.5]]}"#, "prompt"), (#"{"prompt":["a","b"],"n":65}"#, "prompt"),
        (#"{"prompt":"a","n":0}"#, "n"),
        (#"{"prompt":"a","max_tokens":-1}"#, "max_tokens"),
    ])
    func `a wrong request is refused and the field named`(body: String, field: String?) async throws {
        #expect(try await Asking.refusal(.completions, body) == field)
    }
}
