import Testing

@testable import Inference

@Suite struct InputDigestTests {
    private func digest(_ operation: InferenceRun.Operation, _ body: String) throws -> [UInt8] {
        try InferenceCall(operation, body: Array(body.utf8)).inputHash
    }

    @Test func `messages are hashed as they stand, without what surrounds them`() throws {
        let messages = "[ {\"role\" : \"user\",\n \"content\":\"\\u00e9\"} ]"
        #expect(try digest(.chat, "{\"model\":\"m\", \"messages\" : \n \(messages)  , \"n\":1}") == sha256(messages))
        #expect(try digest(.chat, "{\"messages\":[{}],\"model\":\"m\",\"messages\":\(messages)}") == sha256(messages))
    }

    @Test func `a prompt that is a string is hashed as it reads`() throws {
        #expect(try digest(.textCompletion, #"{"model":"m","prompt": "a\n\u00e9\ud83d\ude00" }"#) == sha256("a\né😀"))
        #expect(try digest(.textCompletion, #"{"model":"m","prompt":"plain é"}"#) == sha256("plain é"))
        #expect(try digest(.textCompletion, #"{"model":"m","prompt":""}"#) == sha256(""))
        #expect(try digest(.embeddings, #"{"model":"m","input":"a\\b"}"#) == sha256(#"a\b"#))
    }

    @Test(arguments: [#"["a\n" , "b"]"#, "[1, 2]", "[[1],[2]]", #"["a"]"#])
    func `prompts and inputs that are no string are hashed as they stand`(array: String) throws {
        #expect(try digest(.textCompletion, "{\"model\":\"m\",\"prompt\": \(array) }") == sha256(array))
        #expect(try digest(.embeddings, "{\"input\":\(array),\"model\":\"m\"}") == sha256(array))
    }
}
