import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import Inference

@Suite(.timeLimit(.minutes(5)))
struct UpstreamFaultTests {
    /// Makes a call that must fail before it has an answer.
    private func failure(
        _ script: [ScriptedUpstream.Step], expecting content: UpstreamRequest.ExpectedContent = .json,
        totalTimeout: Duration = .seconds(60)
    ) async throws -> InferenceError? {
        try await withUpstream(script, totalTimeout: totalTimeout) { client, _ in
            await #expect(throws: InferenceError.self) { try await client.send(.stub(expecting: content)) }
        }
    }

    @Test func `an upstream that does not listen can't be reached`() async throws {
        try await withSilentPort { port in
            try await withClient(Provider.Endpoint(baseURL: "http://127.0.0.1:\(port)/v1")) { client in
                let error = await #expect(throws: InferenceError(.upstreamError, "")) { try await client.send(.stub()) }
                #expect(error?.message == "the provider could not be reached")
                #expect(error?.detail.contains("refused") == true)
            }
        }
    }

    @Test func `an upstream that never completes a connection can't be reached`() async throws {
        try await withBusyPort { port in
            let endpoint = Provider.Endpoint(
                baseURL: "http://127.0.0.1:\(port)/v1", connectTimeout: .milliseconds(100), totalTimeout: .seconds(60))
            try await withClient(endpoint) { client in
                let error = await #expect(throws: InferenceError(.upstreamError, "")) { try await client.send(.stub()) }
                #expect(error?.message == "the provider could not be reached")
            }
        }
    }

    @Test func `a base URL that is none is an error`() async throws {
        for baseURL in ["", "ftp://127.0.0.1/", "http://"] {
            _ = try await withClient(Provider.Endpoint(baseURL: baseURL)) { client in
                await #expect(throws: InferenceError(.upstreamError, "")) { try await client.send(.stub()) }
            }
        }
    }

    @Test(arguments: [
        [ScriptedUpstream.Step.reset], [.close],
        [.send("HTTP/1.1 200 OK\r\nContent-Type: appli"), .reset],
        [.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n"), .reset],
        [.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n"), .close],
    ])
    func `a connection that breaks before the first byte is a failure`(script: [ScriptedUpstream.Step]) async throws {
        #expect(try await failure(script) == InferenceError(.upstreamError, ""))
    }

    @Test(arguments: [
        "220 smtp.example.com ESMTP\r\n\r\n", "HTTP/1.1 banana\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
    ])
    func `what is not HTTP is a failure`(text: String) async throws {
        #expect(try await failure([.send(text), .close])?.message == "the provider sent what is not HTTP")
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
    ])
    func `a success without a body is a failure`(text: String) async throws {
        #expect(try await failure([.send(text)])?.message == "the provider's answer is empty")
    }

    @Test(arguments: [
        ("text/html; charset=utf-8", UpstreamRequest.ExpectedContent.json), ("text/event-stream", .json),
        ("application/json", .eventStream), ("text/plain", .eventStream), ("jsonish", .json),
    ])
    func `a success of the wrong content type is a failure`(
        type: String, expected: UpstreamRequest.ExpectedContent
    ) async throws {
        let error = try await failure(
            [.send(HTTPText.answer("x", headers: ["Content-Type: \(type)"]))], expecting: expected)
        #expect(error?.message == "the provider's answer is of the wrong content type")
        #expect(error?.detail == type)
    }

    @Test(arguments: [
        ("application/json; charset=utf-8", UpstreamRequest.ExpectedContent.json), ("Application/JSON;a=b", .json),
        ("application/problem+json", .json), ("text/event-stream;charset=utf-8", .eventStream),
    ])
    func `content types are compared as they should be`(
        type: String, expected: UpstreamRequest.ExpectedContent
    ) async throws {
        try await withUpstream([.send(HTTPText.answer("x", headers: ["Content-Type: \(type)"]))]) { client, _ in
            let text = try await client.send(.stub(expecting: expected)).body.text()
            #expect(text == "x")
        }
    }

    @Test func `a success that does not say what it is passes`() async throws {
        try await withUpstream([.send(HTTPText.answer("x", headers: []))]) { client, _ in
            let text = try await client.send(.stub()).body.text()
            #expect(text == "x")
        }
    }

    @Test func `a compressed answer is a failure`() async throws {
        let text = HTTPText.json("x", headers: "Content-Encoding: gzip")
        #expect(try await failure([.send(text)])?.message == "the provider compressed its answer unasked")
    }

    @Test func `what came before a stream broke is delivered, and then the error`() async throws {
        for end in [ScriptedUpstream.Step.close, .reset] {
            try await withUpstream([
                .send(HTTPText.streamHead + HTTPText.chunk("data: 1\n\n")), .wait, end,
            ]) { client, upstream in
                var body = try await client.send(.stub(expecting: .eventStream)).body.makeAsyncIterator()
                #expect(try await body.next() == Array("data: 1\n\n".utf8))
                upstream.proceed()
                await #expect(throws: InferenceError(.upstreamError, "")) { try await body.next() }
                await #expect(throws: InferenceError(.upstreamError, "")) { try await body.next() }
            }
        }
    }

    @Test func `a body that breaks off within a chunk is not taken for a whole one`() async throws {
        try await withUpstream([.send(HTTPText.streamHead + "ff\r\nabc"), .close]) { client, _ in
            let body = try await client.send(.stub(expecting: .eventStream)).body
            await #expect(throws: InferenceError(.upstreamError, "")) { try await body.collect(upTo: .max) }
        }
    }

    @Test func `an upstream that never answers runs into the total timeout`() async throws {
        let error = try await failure([.wait], totalTimeout: .milliseconds(100))
        #expect(error == InferenceError(.upstreamTimeout, ""))
    }

    @Test func `an upstream that drips forever runs into the total timeout`() async throws {
        try await withUpstream(
            [.send(HTTPText.streamHead), .drip(HTTPText.chunk(": hm\n\n"))], totalTimeout: .milliseconds(200)
        ) { client, upstream in
            let error = await #expect(throws: InferenceError(.upstreamTimeout, "")) {
                try await client.send(.stub(expecting: .eventStream)).body.collect(upTo: .max)
            }
            #expect(error?.message == "the provider took too long")
            #expect(await upstream.event { $0 == .closed } == .closed)
        }
    }

    @Test func `an upstream that falls silent runs into the idle timeout`() async throws {
        try await withUpstream(
            [.send(HTTPText.streamHead + HTTPText.chunk("data: 1\n\n")), .wait], idleTimeout: .milliseconds(100)
        ) { client, upstream in
            var body = try await client.send(.stub(expecting: .eventStream)).body.makeAsyncIterator()
            #expect(try await body.next() != nil)
            let error = await #expect(throws: InferenceError(.upstreamTimeout, "")) { try await body.next() }
            #expect(error?.message == "the provider fell silent")
            #expect(await upstream.event { $0 == .closed } == .closed)
        }
    }

    /// Runs a test with a port that is taken, so that nobody else listens on it, and does not listen itself.
    private func withSilentPort(_ test: (Int) async throws -> Void) async throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(descriptor, pointer, size) == 0 && getsockname(descriptor, pointer, &size) == 0
            }
        }
        try #require(isBound)
        try await test(Int(UInt16(bigEndian: address.sin_port)))
    }

    /// Runs a test with a port that listens but takes no more connections: its queue of one is full.
    private func withBusyPort(_ test: (Int) async throws -> Void) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 0)
            .serverChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = server.localAddress?.port ?? 0
        let first = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port).get()
        try await test(port)
        try await first.close()
        try await server.close()
    }
}
