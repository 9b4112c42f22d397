import Foundation
import Testing

@testable import Inference

/// Asks the echo provider, and reads its answers as any client would.
enum Asking {
    static func response(_ endpoint: UpstreamRequest.Endpoint, _ body: String) async throws -> UpstreamResponse {
        try await EchoProvider(now: { 1_750_000_000 }).send(.stub(endpoint, body: body))
    }

    /// A whole answer.
    static func answer(_ endpoint: UpstreamRequest.Endpoint, _ body: String) async throws -> [String: Any] {
        let response = try await response(endpoint, body)
        try #require(response.status == 200)
        #expect(response.contentType == "application/json")
        return try object(try await response.body.text())
    }

    /// The events of a stream but the last, which must say that it is over. Each comes in a chunk of its own.
    static func events(_ endpoint: UpstreamRequest.Endpoint, _ body: String) async throws -> [[String: Any]] {
        let response = try await response(endpoint, body)
        try #require(response.status == 200)
        #expect(response.contentType == "text/event-stream")
        var events: [String] = []
        for try await chunk in response.body { events.append(String(decoding: chunk, as: UTF8.self)) }
        #expect(events.popLast() == "data: [DONE]\n\n")
        return try events.map { event in
            try #require(event.hasPrefix("data: ") && event.hasSuffix("\n\n"))
            return try object(String(event.dropFirst(6)))
        }
    }

    /// The field that a refusal names.
    static func refusal(_ endpoint: UpstreamRequest.Endpoint, _ body: String) async throws -> String? {
        let response = try await response(endpoint, body)
        #expect(response.status == 400)
        let error = try #require(try object(try await response.body.text())["error"] as? [String: Any])
        #expect(error["type"] as? String == "invalid_request_error")
        #expect((error["message"] as? String)?.contains("echo") == true)
        return error["param"] as? String
    }

    static func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    static func choices(_ answer: [String: Any]) throws -> [[String: Any]] {
        try #require(answer["choices"] as? [[String: Any]])
    }

    static func usage(_ answer: [String: Any]) -> [String: Int]? {
        answer["usage"] as? [String: Int]
    }
}
