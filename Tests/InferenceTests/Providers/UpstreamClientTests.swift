import Testing

@testable import Inference

@Suite(.timeLimit(.minutes(5)))
struct UpstreamClientTests {
    @Test func `a call sends the body as it is, with the provider's key, and gives the answer as it is`() async throws {
        let body = "{ \"model\" :\"m\",\t\"ä\":[1,2 ]}"
        try await withUpstream([.send(HTTPText.json(#"{"id": "x"}"#, headers: "X-Own: 1"))]) { client, upstream in
            let response = try await client.send(
                .stub(body: body, callerHeaders: [HeaderField("Cookie", "c"), HeaderField("X-Custom", "yes")]))
            #expect(response.status == 200)
            #expect(response.contentType == "application/json")
            #expect(response.headers == [HeaderField("X-Own", "1")])
            #expect(try await response.body.text() == #"{"id": "x"}"#)

            let request = try #require(await upstream.request())
            #expect(request.hasPrefix("POST /v1/chat/completions HTTP/1.1\r\n"))
            #expect(request.hasSuffix("\r\n\r\n" + body))
            #expect(request.contains("Authorization: Bearer sk-ours\r\n"))
            #expect(request.contains("Accept-Encoding: identity\r\n"))
            #expect(request.contains("X-Custom: yes\r\n"))
            #expect(!request.lowercased().contains("cookie"))
        }
    }

    @Test(arguments: [
        (UpstreamRequest.Endpoint.completions, "/v1/completions"), (.embeddings, "/v1/embeddings"),
    ])
    func `each kind of call has its path`(endpoint: UpstreamRequest.Endpoint, path: String) async throws {
        try await withUpstream([.send(HTTPText.json("{}"))]) { client, upstream in
            _ = try await client.send(.stub(endpoint))
            #expect(try #require(await upstream.request()).hasPrefix("POST \(path) HTTP/1.1\r\n"))
        }
    }

    @Test func `a base URL may end with a slash`() async throws {
        try await ScriptedUpstream.run([[.send(HTTPText.json("{}"))]]) { upstream in
            try await withClient(Provider.Endpoint(baseURL: upstream.baseURL + "/")) { client in
                _ = try await client.send(.stub())
                #expect(try #require(await upstream.request()).hasPrefix("POST /v1/chat/completions HTTP/1.1\r\n"))
            }
        }
    }

    @Test func `events reach the reader while the upstream still thinks of the next`() async throws {
        try await withUpstream([
            .send(HTTPText.streamHead + HTTPText.chunk("data: 1\n\n")), .wait,
            .send(HTTPText.chunk("data: 2\n\n")), .wait, .send(HTTPText.lastChunk),
        ]) { client, upstream in
            let response = try await client.send(.stub(expecting: .eventStream))
            #expect(response.contentType == "text/event-stream")
            var body = response.body.makeAsyncIterator()
            #expect(try await body.next() == Array("data: 1\n\n".utf8))
            upstream.proceed()
            #expect(try await body.next() == Array("data: 2\n\n".utf8))
            upstream.proceed()
            #expect(try await body.next() == nil)
        }
    }

    @Test func `calls one after the other share a connection`() async throws {
        try await withUpstream([.send(HTTPText.json("{}"))]) { client, upstream in
            for _ in 0..<3 {
                let text = try await client.send(.stub()).body.text()
                #expect(text == "{}")
            }
            #expect(await upstream.event() == .connected)
            for _ in 0..<3 {
                guard case .received = await upstream.event() else {
                    Issue.record("another connection was made")
                    return
                }
            }
        }
    }

    @Test(arguments: ["400 Bad Request", "404 Not Found", "500 Internal Server Error", "503 Service Unavailable"])
    func `an answer that is no success is given back with its body, whatever its type`(status: String) async throws {
        let text = HTTPText.answer("<p>no</p>", status: status, headers: ["Content-Type: text/html"])
        try await withUpstream([.send(text)]) { client, _ in
            let response = try await client.send(.stub())
            #expect("\(response.status)" == status.prefix(3))
            #expect(try await response.body.text() == "<p>no</p>")
        }
    }

    @Test func `an error without a body is given back too`() async throws {
        try await withUpstream([.send("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")]) { client, _ in
            let response = try await client.send(.stub())
            #expect(response.status == 502)
            #expect(AttemptOutcome(response) == .failed())
            #expect(try await response.body.text().isEmpty)
        }
    }

    @Test(arguments: [
        ("Retry-After: 7", 7_000), ("retry-after: 7\r\nRetry-After-Ms: 1500", 1_500),
        ("Retry-After: 7\r\nretry-after-ms: soon", 7_000),
    ])
    func `a provider that is overloaded says for how long`(headers: String, milliseconds: Int) async throws {
        let text = HTTPText.answer("{}", status: "429 Too Many Requests", headers: [headers])
        try await withUpstream([.send(text)]) { client, _ in
            let response = try await client.send(.stub())
            #expect(AttemptOutcome(response) == .throttled(milliseconds: Int64(milliseconds)))
        }
    }

    @Test func `a redirect is not followed`() async throws {
        let moved = "HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
        try await withUpstream([.send(moved)], [.send(HTTPText.json("{}"))]) { client, _ in
            let response = try await client.send(.stub())
            #expect(response.status == 307)
            #expect(AttemptOutcome(response) == .failed())
        }
    }

    @Test func `a hundred streams at once are not mixed up`() async throws {
        let size = 20_000
        try await withUpstream([.send(HTTPText.streamHead), .flood(size)]) { client, _ in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<100 {
                    group.addTask { try await client.send(.stub(expecting: .eventStream)).body.text().utf8.count }
                }
                for try await count in group { #expect(count == size) }
            }
        }
    }

    @Test func `a slow reader slows the upstream down, and still gets everything`() async throws {
        let size = 32 << 20
        try await withUpstream([.send(HTTPText.streamHead), .flood(size)]) { client, upstream in
            let response = try await client.send(.stub(expecting: .eventStream))
            let event = await upstream.event { if case .stalled = $0 { true } else { $0 == .drained } }
            guard case .stalled(let sentBytes) = event else {
                Issue.record("the whole body was read ahead")
                return
            }
            #expect(sentBytes < size / 2)
            var count = 0
            for try await chunk in response.body {
                count += chunk.count
            }
            #expect(count == size)
        }
    }

    @Test func `a body longer than the reader wants is an error`() async throws {
        try await withUpstream([.send(HTTPText.json("0123456789"))]) { client, _ in
            let response = try await client.send(.stub())
            await #expect(throws: InferenceError(.upstreamError, "")) { try await response.body.collect(upTo: 9) }
            #expect(try await client.send(.stub()).body.collect(upTo: 10).count == 10)
        }
    }
}
