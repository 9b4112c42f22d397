import NIOCore
import NIOPosix
import Testing

@testable import Inference

/// Bodies that go to a receiver on an event loop, without a task in between.
@Suite(.timeLimit(.minutes(5)))
struct BodyForwardingTests {
    private let eventLoop = MultiThreadedEventLoopGroup.singleton.any()

    /// Runs a test with the body of a stream that follows a script, once its first bytes are here.
    private func withBody(
        _ script: [ScriptedUpstream.Step], idleTimeout: Duration = .seconds(60),
        _ test: (consuming UpstreamBody, ScriptedUpstream) async throws -> Void
    ) async throws {
        try await withUpstream(script, idleTimeout: idleTimeout) { client, upstream in
            let request = UpstreamRequest(.chatCompletions, body: [], expecting: .eventStream, on: eventLoop)
            try await test(try await client.send(request).body, upstream)
        }
    }

    private static func event(_ number: Int) -> String { HTTPText.chunk("\(number);") }

    // MARK: What an upstream sends

    @Test func `everything comes in its order, and then the end`() async throws {
        let rest = (1...200).map(Self.event).joined()
        try await withBody([
            .send(HTTPText.streamHead + Self.event(0)), .wait, .send(rest), .send(HTTPText.lastChunk),
        ]) { body, upstream in
            let receiver = ReceiverStub(on: eventLoop)
            body.forward(to: receiver, on: eventLoop)
            #expect(await receiver.event() == .received("0;"))
            upstream.proceed()
            let (text, end) = await receiver.all()
            #expect(text == (1...200).map { "\($0);" }.joined())
            #expect(end == nil)
            withExtendedLifetime(body) {}
        }
    }

    @Test func `an answer that was complete before is handed over whole`() async throws {
        try await withUpstream([.send(HTTPText.json("{}"))]) { client, _ in
            let body = try await client.send(
                UpstreamRequest(.chatCompletions, body: [], expecting: .json, on: eventLoop)
            ).body
            let receiver = ReceiverStub(on: eventLoop)
            body.forward(to: receiver, on: eventLoop)
            let (text, end) = await receiver.all()
            #expect(text == "{}" && end == nil)
            #expect(receiver.eventCount == 2)
            withExtendedLifetime(body) {}
        }
    }

    @Test func `a receiver hears that the upstream broke off`() async throws {
        try await withBody([.send(HTTPText.streamHead + Self.event(0)), .wait, .reset]) { body, upstream in
            let receiver = ReceiverStub(on: eventLoop)
            body.forward(to: receiver, on: eventLoop)
            #expect(await receiver.event() == .received("0;"))
            upstream.proceed()
            #expect(await receiver.event() == .finished(.upstreamError))
            withExtendedLifetime(body) {}
        }
    }

    @Test func `a receiver hears that the upstream fell silent`() async throws {
        try await withBody(
            [.send(HTTPText.streamHead + Self.event(0)), .wait], idleTimeout: .milliseconds(50)
        ) { body, _ in
            let receiver = ReceiverStub(on: eventLoop)
            body.forward(to: receiver, on: eventLoop)
            let (_, end) = await receiver.all()
            #expect(end == .upstreamTimeout)
            withExtendedLifetime(body) {}
        }
    }

    @Test func `an upstream waits for a receiver that can't take more, and goes on later`() async throws {
        let byteCount = 32 << 20
        try await withBody([.send(HTTPText.streamHead), .flood(byteCount)]) { body, upstream in
            let receiver = ReceiverStub(on: eventLoop, pauses: true)
            body.forward(to: receiver, on: eventLoop)
            let stalled = await upstream.event { if case .stalled = $0 { true } else { false } }
            guard case .stalled(let sentBytes) = stalled else {
                Issue.record("nothing made the upstream wait")
                return
            }
            #expect(sentBytes < byteCount)
            receiver.proceed()
            let (text, end) = await receiver.all()
            #expect(text.utf8.count == byteCount)
            #expect(end == nil)
            withExtendedLifetime(body) {}
        }
    }

    @Test func `a receiver may take its time: the upstream is not taken for silent meanwhile`() async throws {
        try await withBody(
            [.send(HTTPText.streamHead), .flood(32 << 20)], idleTimeout: .milliseconds(150)
        ) { body, upstream in
            let receiver = ReceiverStub(on: eventLoop, pauses: true)
            body.forward(to: receiver, on: eventLoop)
            // That takes longer than the upstream may be silent.
            _ = await upstream.event { if case .stalled = $0 { true } else { false } }
            #expect(!receiver.hasFinished)
            _ = consume body
            receiver.proceed()
        }
    }

    @Test func `a body that is let go ends the upstream's call, and the receiver hears no more`() async throws {
        let receiver = ReceiverStub(on: eventLoop)
        try await withBody([.send(HTTPText.streamHead + Self.event(0)), .wait]) { body, upstream in
            body.forward(to: receiver, on: eventLoop)
            #expect(await receiver.event() == .received("0;"))
            _ = consume body
            #expect(await upstream.event { $0 == .closed } == .closed)
        }
        try await eventLoop.submit {}.get()
        #expect(receiver.eventCount == 1)
    }

    // MARK: What is made here

    @Test func `a body that is made here is forwarded in its order, and then the end`() async throws {
        let body = UpstreamBody(chunks: (0..<50).map { Array("\($0);".utf8) })
        let receiver = ReceiverStub(on: eventLoop)
        body.forward(to: receiver, on: eventLoop)
        let (text, end) = await receiver.all()
        #expect(text == (0..<50).map { "\($0);" }.joined() && end == nil)
        withExtendedLifetime(body) {}
    }

    @Test func `what was read before is not forwarded`() async throws {
        let body = UpstreamBody(chunks: [[0x61], [0x62], [0x63]])
        var iterator = body.makeAsyncIterator()
        _ = try await iterator.next()
        let receiver = ReceiverStub(on: eventLoop)
        body.forward(to: receiver, on: eventLoop)
        #expect(await receiver.all().text == "bc")
        withExtendedLifetime(body) {}
    }

    @Test func `a body that is made here waits for its receiver`() async throws {
        let body = UpstreamBody(chunks: [[0x61], [0x62], [0x63]])
        let receiver = ReceiverStub(on: eventLoop, pauses: true)
        body.forward(to: receiver, on: eventLoop)
        #expect(await receiver.event() == .received("a"))
        for _ in 0..<3 { try await eventLoop.submit {}.get() }
        #expect(receiver.eventCount == 1)
        receiver.proceed()
        #expect(await receiver.all().text == "bc")
        withExtendedLifetime(body) {}
    }

    @Test func `the receiver of a body that is made here hears nothing after it let go of it`() async throws {
        let receiver = ReceiverStub(on: eventLoop, pauses: true)
        let source = GeneratedBytes([[0x61], [0x62]].makeIterator())
        source.forward(to: receiver, on: eventLoop)
        #expect(await receiver.event() == .received("a"))
        source.abandon()
        receiver.proceed()
        for _ in 0..<3 { try await eventLoop.submit {}.get() }
        #expect(receiver.eventCount == 1)
        withExtendedLifetime(source) {}
    }
}
