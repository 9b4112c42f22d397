import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import Inference

/// What happens to connections: which serve another call, which are closed, and what is read from them.
@Suite(.timeLimit(.minutes(5)))
struct UpstreamConnectionTests {
    private static let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
    private let answer = ScriptedUpstream.Step.send(HTTPText.json("{}"))

    /// A call on the event loop that all tests share, so that one may use the connection of another.
    private func text(
        _ client: UpstreamClient, expecting content: UpstreamRequest.ExpectedContent = .json
    ) async throws -> String {
        let request = UpstreamRequest(
            .chatCompletions, body: Array("{}".utf8), expecting: content, on: Self.eventLoop)
        return try await client.send(request).body.text()
    }

    private func expectAnswer(_ client: UpstreamClient) async throws {
        let text = try await text(client)
        #expect(text == "{}")
    }

    // MARK: Kept connections

    @Test func `a call that was sent is not sent again, however soon its connection ends`() async throws {
        for end in [ScriptedUpstream.Step.close, .reset] {
            try await withUpstream([answer], [end], [answer]) { client, _ in
                try await expectAnswer(client)
                await #expect(throws: InferenceError(.upstreamError, "")) { try await text(client) }
                try await expectAnswer(client)
            }
        }
    }

    @Test func `a call is not sent again when a byte of its answer came`() async throws {
        try await withUpstream([answer], [.send("HTTP/1.1 2"), .close], [answer]) { client, _ in
            try await expectAnswer(client)
            await #expect(throws: InferenceError(.upstreamError, "")) { try await text(client) }
        }
    }

    @Test func `a call on a new connection is not sent again`() async throws {
        try await withUpstream([.close], [answer]) { client, _ in
            _ = await #expect(throws: InferenceError(.upstreamError, "")) { try await text(client) }
        }
    }

    @Test(arguments: ["HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "x", "\r\n\r\n"])
    func `a connection on which something follows the answer is closed`(rest: String) async throws {
        try await withUpstream([.send(HTTPText.json("{}") + rest)], [answer]) { client, upstream in
            try await expectAnswer(client)
            #expect(await upstream.event { $0 == .closed } == .closed)
            try await expectAnswer(client)
        }
    }

    @Test func `a connection on which something comes unasked is closed`() async throws {
        try await withUpstream([answer, .wait, answer]) { client, upstream in
            try await expectAnswer(client)
            upstream.proceed()
            #expect(await upstream.event { $0 == .closed } == .closed)
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    ])
    func `a connection that the provider wants closed is closed`(text: String) async throws {
        try await withUpstream([.send(text)]) { client, upstream in
            try await expectAnswer(client)
            #expect(await upstream.event { $0 == .closed } == .closed)
        }
    }

    @Test func `an idle connection that the provider ends is replaced`() async throws {
        try await withUpstream([answer, .wait, .close], [answer]) { client, upstream in
            try await expectAnswer(client)
            upstream.proceed()
            // This one may cross the end on its way.
            _ = try? await text(client)
            try await expectAnswer(client)
        }
    }

    @Test func `a hundred calls at once are served, and their connections kept`() async throws {
        try await withUpstream([answer]) { client, upstream in
            for _ in 0..<2 {
                try await withThrowingTaskGroup(of: String.self) { group in
                    for _ in 0..<100 { group.addTask { try await text(client) } }
                    for try await text in group { #expect(text == "{}") }
                }
            }
            var counts = (connected: 0, received: 0)
            while counts.received < 200, let event = await upstream.event() {
                if event == .connected { counts.connected += 1 } else { counts.received += 1 }
            }
            #expect(counts.connected <= 100)
        }
    }

    // MARK: Answers

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\n\r\n{}", "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n{}",
    ])
    func `a body may end with its connection`(text: String) async throws {
        try await withUpstream([.send(text), .close]) { client, _ in
            try await expectAnswer(client)
        }
    }

    @Test func `what comes before the answer is passed over`() async throws {
        let hints = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
        try await withUpstream([.send(hints + HTTPText.json("{}"))]) { client, _ in
            try await expectAnswer(client)
            try await expectAnswer(client)
        }
    }

    @Test(arguments: ["204 No Content", "304 Not Modified"])
    func `an answer that can have no body has none, whatever it says`(status: String) async throws {
        try await withUpstream([.send("HTTP/1.1 \(status)\r\nContent-Length: 5\r\n\r\n")], [answer]) { client, _ in
            // A success without a body is a failure of the call, and none of the connection.
            let response = try? await client.send(
                UpstreamRequest(.completions, body: [], expecting: .json, on: Self.eventLoop))
            let text = try await response?.body.text()
            #expect(text?.isEmpty != false)
            try await expectAnswer(client)
        }
    }

    @Test(arguments: [
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
        "HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnope\r\n",
    ])
    func `an answer that can't be read is a failure`(answer: String) async throws {
        try await withUpstream([.send(answer)]) { client, upstream in
            let error = await #expect(throws: InferenceError(.upstreamError, "")) { try await text(client) }
            #expect(error?.message == "the provider sent what is not HTTP")
            #expect(await upstream.event { $0 == .closed } == .closed)
        }
    }

    @Test(arguments: [(60_000, true), (70_000, false)])
    func `headers have a limit`(size: Int, isTaken: Bool) async throws {
        let headers = (0..<10).map { "X-\($0): \(String(repeating: "x", count: size / 10))" }
        try await withUpstream([.send(HTTPText.answer("{}", headers: headers))]) { client, _ in
            let text = try? await text(client)
            #expect((text == "{}") == isTaken)
        }
    }

    @Test(arguments: 1...8) func `a body is taken byte for byte, however it is cut`(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let body = (0..<Int.random(in: 1...60_000, using: &generator)).map { _ in
            UInt8.random(in: .min ... .max, using: &generator)
        }
        var answer = Array("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n".utf8)
        if Bool.random(using: &generator) {
            answer += Array("Transfer-Encoding: chunked\r\n\r\n".utf8)
            for piece in cut(body, atMost: 5_000, using: &generator) {
                answer += Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + Array("\r\n".utf8)
            }
            answer += Array(HTTPText.lastChunk.utf8)
        } else {
            answer += Array("Content-Length: \(body.count)\r\n\r\n".utf8) + body
        }
        let pieces = cut(answer, atMost: Bool.random(using: &generator) ? 40 : 9_000, using: &generator)
        try await withUpstream([.pieces(pieces)]) { client, _ in
            for _ in 0..<2 {
                let taken = try await client.send(.stub(expecting: .eventStream)).body.collect(upTo: .max)
                #expect(taken == body)
            }
        }
    }

    private func cut(_ bytes: [UInt8], atMost count: Int, using generator: inout SeededGenerator) -> [[UInt8]] {
        var rest = bytes[...]
        var pieces: [[UInt8]] = []
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...count, using: &generator))
            pieces.append(Array(piece))
            rest = rest.dropFirst(piece.count)
        }
        return pieces
    }

    @Test func `an answer may come before the request was read`() async throws {
        let (accepted, accept) = AsyncStream<any Channel>.makeStream()
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { channel in
                accept.yield(channel)
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(EarlyAnswer())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let endpoint = Provider.Endpoint(baseURL: "http://127.0.0.1:\(server.localAddress?.port ?? 0)/")
        try await withClient(endpoint) { client in
            let body = [UInt8](repeating: 0x20, count: 32 << 20)
            let response = try await client.send(UpstreamRequest(.completions, body: body, expecting: .json))
            #expect(response.status == 413)
            let text = try await response.body.text()
            #expect(text == "{}")
            for await channel in accepted {
                // What is still on its way is read, and then the end of the connection.
                try await channel.setOption(.autoRead, value: true).get()
                try await channel.closeFuture.get()
                break
            }
        }
        try await server.close()
    }

    // MARK: Ends

    @Test func `calls that are under way when a client is shut down fail, and so do later ones`() async throws {
        let first = HTTPText.streamHead + HTTPText.chunk("data: 1\n\n")
        try await withUpstream([.send(first), .wait]) { client, upstream in
            var body = try await client.send(.stub(expecting: .eventStream)).body.makeAsyncIterator()
            #expect(try await body.next() == Array("data: 1\n\n".utf8))
            try await client.shutDown()
            await #expect(throws: InferenceError(.upstreamError, "")) { try await body.next() }
            await #expect(throws: InferenceError(.upstreamError, "")) { try await text(client) }
            #expect(await upstream.event { $0 == .closed } == .closed)
        }
    }

    @Test func `a call that waits for a connection ends when it is cancelled`() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 0)
            .serverChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = server.localAddress?.port ?? 0
        let first = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port).get()
        try await withClient(Provider.Endpoint(baseURL: "http://127.0.0.1:\(port)/")) { client in
            let departure = Departure()
            let call = Task {
                try await client.send(
                    UpstreamRequest(.completions, body: [], expecting: .json, on: Self.eventLoop, departure: departure))
            }
            try await Self.eventLoop.submit {}.get()
            departure.announce()
            await #expect(throws: InferenceError(.cancelled, "")) { try await call.value }
        }
        try await first.close()
        try await server.close()
    }

    @Test func `a header that can't be sent fails its call and no other`() async throws {
        try await withUpstream([answer]) { client, _ in
            await #expect(throws: InferenceError(.upstreamError, "")) {
                try await client.send(.stub(ownHeaders: [HeaderField("X-Own", "a\r\nEvil: 1")]))
            }
            try await expectAnswer(client)
        }
    }
}

/// Answers when the first bytes of a request are here, and reads no more unless it is told to.
private final class EarlyAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var hasAnswered = false

    func channelActive(context: ChannelHandlerContext) {
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasAnswered else { return }
        hasAnswered = true
        let answer = HTTPText.json("{}", status: "413 Content Too Large")
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

@available(*, unavailable)
extension EarlyAnswer: Sendable {}
