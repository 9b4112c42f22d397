import Foundation
import Testing

@testable import Inference

struct EchoEmbeddingTests {
    private func vectors(_ body: String) async throws -> [[Double]] {
        let data = try #require(try await Asking.answer(.embeddings, body)["data"] as? [[String: Any]])
        #expect(data.compactMap { $0["index"] as? Int } == Array(data.indices))
        #expect(data.allSatisfy { $0["object"] as? String == "embedding" })
        return try data.map { try #require($0["embedding"] as? [Double]) }
    }

    @Test func `a text has a vector of length 1, always the same`() async throws {
        let vector = try await vectors(#"{"input":"hello"}"#)[0]
        #expect(vector.count == 256)
        #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-6)
        #expect(Set(vector).count > 200)
        #expect(try await vectors(#"{"input":"hello"}"#)[0] == vector)
        #expect(try await vectors(#"{"input":"Hello"}"#)[0] != vector)
    }

    @Test func `the answer is of OpenAI's shape and names itself`() async throws {
        let answer = try await Asking.answer(.embeddings, #"{"model":"m","input":["one two","three"]}"#)
        #expect(answer["object"] as? String == "list")
        #expect(answer["model"] as? String == "echo-embed")
        #expect(answer["provider"] as? String == "echo")
        #expect(Asking.usage(answer) == ["prompt_tokens": 3, "total_tokens": 3])
    }

    @Test func `several texts have their vectors in their order`() async throws {
        let both = try await vectors(#"{"input":["a","b"]}"#)
        let first = try await vectors(#"{"input":"a"}"#)
        let second = try await vectors(#"{"input":"b"}"#)
        #expect(both == first + second)
    }

    @Test func `token numbers are texts of their own`() async throws {
        #expect(try await vectors("{\"input\":[1,2]}").count == 1)
        let lists = try await vectors("{\"input\":[[1,2],[3]]}")
        #expect(lists.count == 2)
        #expect(try await vectors("{\"input\":[1,2]}")[0] == lists[0])
    }

    @Test(arguments: [1, 2, 3, 1536, 4096])
    func `the number of dimensions is as asked for`(count: Int) async throws {
        let vector = try await vectors("{\"input\":\"a\",\"dimensions\":\(count)}")[0]
        #expect(vector.count == count)
        #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-6)
    }

    @Test func `base64 holds exactly the numbers that floats hold`() async throws {
        let whole = try await Asking.response(
            .embeddings, #"{"input":"a","dimensions":33,"encoding_format":"float"}"#)
        // JSONSerialization is off by a digit at times, Double is not.
        let list = try #require(try await whole.body.text().firstMatch(of: /"embedding":\[([^\]]*)\]/))
        let floats = try list.1.split(separator: ",").map { try #require(Double($0)) }
        let answer = try await Asking.answer(
            .embeddings, #"{"input":"a","dimensions":33,"encoding_format":"base64"}"#)
        let text = try #require((answer["data"] as? [[String: Any]])?[0]["embedding"] as? String)
        let bytes = try #require(Data(base64Encoded: text))
        let decoded = stride(from: 0, to: bytes.count, by: 4).map { offset in
            let bits = bytes[offset..<offset + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            return Double(Float(bitPattern: bits))
        }
        #expect(decoded == floats)
    }

    @Test(arguments: [
        ("{}", "input"), (#"{"input":[]}"#, "input"), (#"{"input":{}}"#, "input"), (#"{"input":[true]}"#, "input"),
        (#"{"input":"a","dimensions":0}"#, "dimensions"), (#"{"input":"a","dimensions":4097}"#, "dimensions"),
        (#"{"input":"a","encoding_format":"int8"}"#, "encoding_format"),
        (#"{"input":"a","encoding_format":1}"#, "encoding_format"),
    ])
    func `a wrong request is refused and the field named`(body: String, field: String?) async throws {
        #expect(try await Asking.refusal(.embeddings, body) == field)
    }

    @Test func `more than can be answered at once is refused`() async throws {
        func body(_ count: Int, dimensions: Int) -> String {
            "{\"dimensions\":\(dimensions),\"input\":[" + Array(repeating: "\"a\"", count: count).joined(separator: ",")
                + "]}"
        }
        #expect(try await Asking.refusal(.embeddings, body(2_049, dimensions: 1)) == "input")
        #expect(try await Asking.refusal(.embeddings, body(2_048, dimensions: 513)) == "input")
        #expect(try await vectors(body(2_048, dimensions: 2)).count == 2_048)
    }
}
