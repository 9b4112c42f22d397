import OTLP
import TestSupport
import Testing

@testable import Inference

@Suite struct EmbeddingResponseTests {
    /// 0.1 and -2.5 as OpenAI writes them: the exact decimals of 32-bit floats.
    private let floats =
        #"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.10000000149011612,-2.5]}, {"object":"embedding","embedding":[1],"index":1}],"model":"up","usage":{"prompt_tokens":8,"total_tokens":8}}"#
    private let base64 =
        #"{"object":"list","data":[{"object":"embedding","index":0,"embedding":"zczMPQAAIMA="}, {"object":"embedding","embedding":"AACAPw==","index":1}],"model":"up","usage":{"prompt_tokens":8,"total_tokens":8}}"#

    @Test func `the answer says what it is`() throws {
        let response = try EmbeddingResponse(body: Array(floats.utf8))
        #expect(response.model == "up")
        #expect(response.count == 2)
        let usage = response.usage?.resolved(orEstimated: TokenUsage(inputTokens: 1, outputTokens: 0))
        #expect(usage == TokenUsage(inputTokens: 8, outputTokens: 0))
    }

    @Test func `numbers become base64 and the rest stays byte for byte`() throws {
        #expect(try client(floats, .base64) == base64.replacing("\"up\"", with: "\"m\""))
    }

    @Test func `base64 becomes numbers and the rest stays byte for byte`() throws {
        let expected = floats.replacing("\"up\"", with: "\"m\"").replacing("[1]", with: "[1.0]")
        #expect(try client(base64, .float) == expected)
    }

    @Test func `what has the format already stays as it is`() throws {
        #expect(try client(floats, .float) == floats.replacing("\"up\"", with: "\"m\""))
        #expect(try client(base64, .base64) == base64.replacing("\"up\"", with: "\"m\""))
        let mixed = #"{"data":[{"embedding":[1]},{"embedding":"AACAPw=="}]}"#
        #expect(try client(mixed, .base64) == #"{"data":[{"embedding":"AACAPw=="},{"embedding":"AACAPw=="}]}"#)
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"data":null}"#, #"{"data":[1]}"#, #"{"data":[]"#, #"{"data":[],"error":{"message":"no"}}"#,
    ])
    func `what is no answer is an upstream error`(body: String) {
        #expect(throws: InferenceError(.upstreamError, "")) { try EmbeddingResponse(body: Array(body.utf8)) }
    }

    @Test(arguments: [
        (#"[1,null]"#, EncodingFormat.base64), (#"["1"]"#, .base64), (#"[[1]]"#, .base64), (#"[1e39]"#, .base64),
        (#""AACAP""#, .float), (#""AAC!Pw==""#, .float), (#""AACAPwA=""#, .float), (#""AACAf w==""#, .float),
        (#""AACAfw==""#, .float), (#""AADAfw==""#, .float), ("null", .float), ("1", .base64), (#""====""#, .float),
        (#""AACAPw=""#, .float),
    ])
    func `an embedding that can't be written in the other format is an upstream error`(
        embedding: String, format: EncodingFormat
    ) {
        let body = "{\"data\":[{\"embedding\":\(embedding)}]}"
        #expect(throws: InferenceError(.upstreamError, "")) { try client(body, format) }
    }

    @Test(arguments: [(#""""#, "[]"), (#""AACAPw""#, "[1.0]"), (#""AACAP\u0077==""#, "[1.0]")])
    func `base64 may be empty, escaped or without padding`(embedding: String, expected: String) throws {
        let body = try client("{\"data\":[{\"embedding\":\(embedding)}]}", .float)
        #expect(body == "{\"data\":[{\"embedding\":\(expected)}]}")
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `a vector is the same in both formats`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let vector = (0..<500).map { _ in
            var float = Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &random))
            if !float.isFinite { float = 0.25 }
            return float
        }
        for text in [vector.map { "\($0)" }, vector.map { "\(Double($0))" }] {
            let body = "{\"data\":[{\"embedding\":[\(text.joined(separator: ","))]}]}"
            let there = try client(body, .base64)
            let back = try client(there, .float)
            let expected = vector.map { "\(Double($0))" }.joined(separator: ",")
            #expect(back == "{\"data\":[{\"embedding\":[\(expected)]}]}", "seed \(seed)")
        }
    }

    private func client(_ body: String, _ format: EncodingFormat) throws -> String {
        let response = try EmbeddingResponse(body: Array(body.utf8))
        return String(decoding: try response.clientBody(model: "m", encodingFormat: format), as: UTF8.self)
    }
}
