import Testing

@testable import Inference

@Suite struct TokenUsageTests {
    private let estimate = TokenUsage(inputTokens: 70, outputTokens: 30)

    @Test func `what a provider reports is billed`() throws {
        let usage = try reported(
            #"{"prompt_tokens":10,"completion_tokens":20,"total_tokens":30,"prompt_tokens_details":{"audio_tokens":1,"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":5,"x":{}},"cost":0.1}"#
        ).resolved(orEstimated: estimate)
        var expected = TokenUsage(inputTokens: 10, outputTokens: 20)
        expected.cachedInputTokens = 4
        expected.reasoningTokens = 5
        #expect(usage == expected)
        #expect(!usage.isEstimated)
    }

    @Test(arguments: [
        (#"{"prompt_tokens":10,"total_tokens":30}"#, 10, 20, false),
        (#"{"completion_tokens":20,"total_tokens":30}"#, 10, 20, false),
        (#"{"prompt_tokens":8,"total_tokens":8}"#, 8, 0, false),
        (#"{"prompt_tokens":10}"#, 10, 30, true), (#"{"completion_tokens":20}"#, 70, 20, true),
        (#"{"prompt_tokens":40,"total_tokens":30}"#, 40, 30, true), (#"{"total_tokens":30}"#, 70, 30, true),
        ("{}", 70, 30, true), (#"{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}"#, 70, 30, true),
        (#"{"prompt_tokens":5,"completion_tokens":0,"total_tokens":5}"#, 5, 0, false),
    ])
    func `a number that is missing is worked out or estimated`(
        json: String, input: Int64, output: Int64, isEstimated: Bool
    ) throws {
        let usage = try reported(json).resolved(orEstimated: estimate)
        #expect(usage.inputTokens == input)
        #expect(usage.outputTokens == output)
        #expect(usage.isEstimated == isEstimated)
    }

    @Test(arguments: ["-1", "1.5", "1e3", "1000000001", "99999999999999999999", "\"7\"", "null", "[1]", "true"])
    func `a number that can't be is not reported`(number: String) throws {
        let usage = try reported(
            "{\"prompt_tokens\":\(number),\"completion_tokens\":\(number),\"prompt_tokens_details\":{\"cached_tokens\":\(number)}}"
        )
        #expect(usage.promptTokens == nil)
        #expect(usage.completionTokens == nil)
        #expect(usage.cachedTokens == nil)
    }

    @Test func `the largest number that can be is reported`() throws {
        #expect(try reported(#"{"prompt_tokens":1000000000}"#).promptTokens == 1_000_000_000)
    }

    @Test func `parts that are larger than their whole don't count`() throws {
        let usage = try reported(
            #"{"prompt_tokens":10,"completion_tokens":20,"prompt_tokens_details":{"cached_tokens":11},"completion_tokens_details":{"reasoning_tokens":21}}"#
        ).resolved(orEstimated: estimate)
        #expect(usage.cachedInputTokens == 0)
        #expect(usage.reasoningTokens == 0)
    }

    @Test(arguments: ["null", "1", "[]", "\"x\""])
    func `what is no object is no report`(json: String) throws {
        try Array(json.utf8).withRawBytes { bytes in
            var cursor = JSONCursor(0..<bytes.byteCount, by: .provider)
            let usage = try ReportedUsage.read(&cursor, in: bytes)
            #expect(usage == nil)
            try cursor.finish(in: bytes)
        }
    }

    @Test func `it is written as providers write it`() {
        #expect(
            String(decoding: estimate.json, as: UTF8.self)
                == #"{"prompt_tokens":70,"completion_tokens":30,"total_tokens":100}"#)
    }

    private func reported(_ json: String) throws -> ReportedUsage {
        try Array(json.utf8).withRawBytes { bytes in
            var cursor = JSONCursor(0..<bytes.byteCount, by: .provider)
            let usage = try ReportedUsage.read(&cursor, in: bytes)
            try cursor.finish(in: bytes)
            return try #require(usage)
        }
    }
}
