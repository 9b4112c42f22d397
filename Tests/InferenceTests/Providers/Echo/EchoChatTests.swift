import Testing

@testable import Inference

struct EchoChatTests {
    private func said(_ body: String) async throws -> String? {
        let choices = try Asking.choices(try await Asking.answer(.chatCompletions, body))
        return (choices[0]["message"] as? [String: Any])?["content"] as? String
    }

    @Test func `it says what the user said last`() async throws {
        let body = #"""
            {"model":"anything","messages":[{"role":"system","content":"be brief"},{"role":"user","content":"first"},
            {"role":"user","content":"Grüße, \"you\"\n two  words "},{"role":"assistant","content":"ok"}]}
            """#
        let answer = try await Asking.answer(.chatCompletions, body)
        #expect(answer["object"] as? String == "chat.completion")
        #expect(answer["model"] as? String == "echo")
        #expect(answer["provider"] as? String == "echo")
        #expect(answer["created"] as? Int == 1_750_000_000)
        #expect((answer["id"] as? String)?.hasPrefix("chatcmpl-") == true)
        let choice = try #require(try Asking.choices(answer).first)
        #expect(choice["index"] as? Int == 0)
        #expect(choice["finish_reason"] as? String == "stop")
        let message = try #require(choice["message"] as? [String: Any])
        #expect(message["role"] as? String == "assistant")
        #expect(message["content"] as? String == "Grüße, \"you\"\n two  words ")
        #expect(Asking.usage(answer) == ["prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14])
    }

    @Test func `without a user it says the last message`() async throws {
        #expect(
            try await said(#"{"messages":[{"role":"system","content":"a"},{"role":"developer","content":"b"}]}"#) == "b"
        )
    }

    @Test func `of a message in parts it says the texts`() async throws {
        let body = #"""
            {"messages":[{"role":"user","content":[{"type":"text","text":"one "},
            {"type":"image_url","image_url":{"url":"data:"}},7,{"type":"text","text":"two"}]}]}
            """#
        #expect(try await said(body) == "one two")
        #expect(try await said(#"{"messages":[{"role":"user","content":null}]}"#)?.isEmpty == true)
    }

    @Test func `the same request gets the same answer, another one another id`() async throws {
        func id(_ text: String) async throws -> String? {
            let body = #"{"messages":[{"role":"user","content":"\#(text)"}]}"#
            return try await Asking.answer(.chatCompletions, body)["id"] as? String
        }
        let first = try await id("a")
        #expect(try await id("a") == first)
        #expect(try await id("b") != first)
    }

    @Test(arguments: ["max_tokens", "max_completion_tokens"])
    func `a limit of tokens is a limit of words`(field: String) async throws {
        let body = #"{"\#(field)":2,"messages":[{"role":"user","content":"one two three"}]}"#
        let answer = try await Asking.answer(.chatCompletions, body)
        #expect(try Asking.choices(answer)[0]["finish_reason"] as? String == "length")
        #expect(try await said(body) == "one two")
        #expect(Asking.usage(answer)?["completion_tokens"] == 2)
        let enough = #"{"\#(field)":3,"messages":[{"role":"user","content":"one two three"}]}"#
        #expect(
            try Asking.choices(try await Asking.answer(.chatCompletions, enough))[0]["finish_reason"] as? String
                == "stop")
    }

    @Test func `a stream says a word at a time`() async throws {
        let body = #"{"stream":true,"messages":[{"role":"user","content":"one two\n three "}]}"#
        let events = try await Asking.events(.chatCompletions, body)
        let deltas = try events.map { try #require(try Asking.choices($0)[0]["delta"] as? [String: Any]) }
        #expect(deltas.first?["role"] as? String == "assistant")
        #expect(deltas.compactMap { $0["content"] as? String } == ["", "one", " two", "\n three", " "])
        #expect(deltas.last?.isEmpty == true)
        let finishes = try events.map { try Asking.choices($0)[0]["finish_reason"] as? String }
        #expect(finishes == [nil, nil, nil, nil, nil, "stop"])
        for event in events {
            #expect(event["object"] as? String == "chat.completion.chunk")
            #expect(event["model"] as? String == "echo")
            #expect(event["usage"] == nil)
        }
        #expect(Set(events.compactMap { $0["id"] as? String }).count == 1)
    }

    @Test func `a stream ends with its usage when asked for it`() async throws {
        let body = #"""
            {"stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"one two"}]}
            """#
        let events = try await Asking.events(.chatCompletions, body)
        let last = try #require(events.last)
        #expect(try Asking.choices(last).isEmpty)
        #expect(Asking.usage(last) == ["prompt_tokens": 2, "completion_tokens": 2, "total_tokens": 4])
        #expect(events.dropLast().allSatisfy { $0["usage"] != nil && Asking.usage($0) == nil })
    }

    @Test func `several choices say the same`() async throws {
        let answer = try await Asking.answer(
            .chatCompletions, #"{"n":3,"messages":[{"role":"user","content":"one two"}]}"#)
        #expect(try Asking.choices(answer).compactMap { $0["index"] as? Int } == [0, 1, 2])
        #expect(Asking.usage(answer)?["completion_tokens"] == 6)

        let events = try await Asking.events(
            .chatCompletions, #"{"n":2,"stream":true,"messages":[{"role":"user","content":"one two"}]}"#)
        for index in 0..<2 {
            let own = try events.map { try Asking.choices($0)[0] }.filter { $0["index"] as? Int == index }
            let words = own.compactMap { ($0["delta"] as? [String: Any])?["content"] as? String }
            #expect(words.joined() == "one two")
            #expect(own.last?["finish_reason"] as? String == "stop")
        }
    }

    @Test func `a very long text is cut between two characters`() async throws {
        let text = String(repeating: "ä", count: 40_000)
        let body = #"{"messages":[{"role":"user","content":"x\#(text)"}]}"#
        let said = try #require(try await said(body))
        #expect(said == "x" + text.prefix(32_767))
        let answer = try await Asking.answer(.chatCompletions, body)
        #expect(try Asking.choices(answer)[0]["finish_reason"] as? String == "length")
    }

    @Test(arguments: [
        ("[]", nil), ("{", nil), ("", nil), ("{}", "messages"), (#"{"messages":[]}"#, "messages"),
        (#"{"messages":"hi"}"#, "messages"), (#"{"messages":[1]}"#, nil),
        (#"{"messages":[{}],"n":0}"#, "n"), (#"{"messages":[{}],"n":129}"#, "n"), (#"{"messages":[{}],"n":1.5}"#, "n"),
        (#"{"messages":[{}],"max_tokens":0}"#, "max_tokens"), (#"{"messages":[{}],"stream":1}"#, "stream"),
        (#"{"messages":[{}],"stream_options":1}"#, "stream_options"),
    ])
    func `a wrong request is refused and the field named`(body: String, field: String?) async throws {
        #expect(try await Asking.refusal(.chatCompletions, body) == field)
    }

    @Test func `null is the same as absent`() async throws {
        let body =
            #"{"n":null,"stream":null,"max_tokens":null,"stream_options":null,"messages":[{"role":null,"content":"a"}]}"#
        #expect(try await said(body) == "a")
    }
}
