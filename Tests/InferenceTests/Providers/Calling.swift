import Testing

@testable import Inference

/// Texts that upstreams send.
enum HTTPText {
    static func json(_ body: String, status: String = "200 OK", headers: String...) -> String {
        answer(body, status: status, headers: ["Content-Type: application/json"] + headers)
    }

    static func answer(_ body: String, status: String = "200 OK", headers: [String]) -> String {
        (["HTTP/1.1 \(status)"] + headers + ["Content-Length: \(body.utf8.count)"]).joined(separator: "\r\n")
            + "\r\n\r\n" + body
    }

    static let streamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

    static func chunk(_ text: String) -> String {
        String(text.utf8.count, radix: 16) + "\r\n" + text + "\r\n"
    }

    static let lastChunk = "0\r\n\r\n"
}

extension UpstreamRequest {
    static func stub(
        _ endpoint: Endpoint = .chatCompletions, body: String = #"{"model":"m"}"#,
        expecting content: ExpectedContent = .json, callerHeaders: [HeaderField] = [], ownHeaders: [HeaderField] = []
    ) -> UpstreamRequest {
        UpstreamRequest(
            endpoint, body: Array(body.utf8), expecting: content, callerHeaders: callerHeaders, ownHeaders: ownHeaders)
    }
}

extension UpstreamBody {
    func text() async throws -> String {
        String(decoding: try await collect(upTo: .max), as: UTF8.self)
    }
}

/// Runs a test with a client for an upstream, which is shut down afterwards.
func withClient<Result>(
    _ endpoint: Provider.Endpoint, _ test: (UpstreamClient) async throws -> Result
) async throws -> Result {
    let client = UpstreamClient(endpoint)
    do {
        let result = try await test(client)
        try await client.shutDown()
        return result
    } catch {
        try await client.shutDown()
        throw error
    }
}

/// Runs a test against an upstream that follows these scripts.
func withUpstream<Result>(
    _ scripts: [ScriptedUpstream.Step]..., totalTimeout: Duration = .seconds(600),
    idleTimeout: Duration = .seconds(600),
    test: (UpstreamClient, ScriptedUpstream) async throws -> Result
) async throws -> Result {
    try await ScriptedUpstream.run(scripts) { upstream in
        let endpoint = Provider.Endpoint(
            baseURL: upstream.baseURL, apiKey: ProviderSecret("sk-ours"), totalTimeout: totalTimeout,
            idleTimeout: idleTimeout)
        return try await withClient(endpoint) { try await test($0, upstream) }
    }
}
