import Crypto
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import APIServer
@testable import Inference

@Suite(.timeLimit(.minutes(5)))
struct StreamRelayTests {
    /// A relay under way: `source` sends, `client` takes.
    private struct Relay {
        let client: ClientStub
        let source: SourceStub
        let outcome: Task<StreamRelay.Outcome, Never>

        /// Begins with the first chunk, which the client has got.
        init(keepAlive: TimeAmount = .hours(1), showsUsage: Bool = false) async throws {
            client = try await ClientStub()
            source = SourceStub(first: StreamRelayTests.chunk("first", model: "up"))
            let start = try await source.start(showsUsage: showsUsage)
            let channel = client.channel
            outcome = Task { await StreamRelay.run(start, to: channel, keepAlive: keepAlive, now: { 77 }) }
            await source.untilForwarded()
            #expect(try await client.text() == StreamRelayTests.chunk("first"))
        }
    }

    private static func chunk(_ text: String, model: String = "cat", finish: String = "null") -> String {
        #"data: {"id":"c1","model":"\#(model)","choices":[{"index":0,"delta":{"content":"\#(text)"},"finish_reason":\#(finish)}]}"#
            + "\n\n"
    }

    private final class Flag: Sendable {
        private let state = Mutex(false)
        var isSet: Bool { state.withLock(\.self) }
        func set() { state.withLock { $0 = true } }
    }

    private static let finish = chunk("", model: "up", finish: #""stop""#)
    private static let done = "data: [DONE]\n\n"

    private static func hash(_ texts: String...) -> [UInt8] {
        Array(SHA256.hash(data: Array(texts.joined().utf8)))
    }

    // MARK: From the provider to the client

    @Test func `what comes goes out at once, with the catalogue's name of the model`() async throws {
        let relay = try await Relay()
        for text in ["a", "b", "c"] {
            #expect(try await relay.source.send(Self.chunk(text, model: "up")) == nil)
            #expect(try await relay.client.text() == Self.chunk(text))
        }
        try await relay.client.close()
        _ = await relay.outcome.value
    }

    @Test func `a complete stream ends when the provider has said everything, but its end is not sent`() async throws {
        let relay = try await Relay()
        try await relay.source.send(Self.finish + Self.done)
        let outcome = await relay.outcome.value
        #expect(outcome.ending.error == nil)
        #expect(outcome.ending.facts.finishReasons == ["stop"])
        #expect(outcome.ending.firstByteAt == 77)
        let end = Self.chunk("", finish: #""stop""#)
        #expect(try await relay.client.text() == end)
        #expect(try await relay.client.hasNothingMore())
        #expect(outcome.ending.delivered.digest == Self.hash(Self.chunk("first"), end))
        var editor = outcome.editor
        let rest = editor.finish(usage: TokenUsage(inputTokens: 0, outputTokens: 0))
        #expect(String(decoding: rest, as: UTF8.self) == Self.done)
    }

    @Test func `what comes after the end is ignored`() async throws {
        let relay = try await Relay()
        try await relay.source.send(Self.finish + Self.done + Self.chunk("more"))
        try await relay.source.send(Self.chunk("and more"))
        try await relay.source.finish(InferenceError(.upstreamError, "too late"))
        let outcome = await relay.outcome.value
        #expect(outcome.ending.error == nil)
        _ = try await relay.client.text()
        #expect(try await relay.client.hasNothingMore())
    }

    @Test func `a provider that ends its answer without a word has said everything if its choices have ended`()
        async throws
    {
        let relay = try await Relay()
        try await relay.source.send(Self.finish)
        try await relay.source.finish()
        let outcome = await relay.outcome.value
        #expect(outcome.ending.error == nil)
        await relay.source.untilAbandoned()
    }

    @Test func `a stream that ends in the middle is a failure`() async throws {
        let relay = try await Relay()
        try await relay.source.finish()
        let outcome = await relay.outcome.value
        #expect(outcome.ending.error?.code == .upstreamError)
        #expect(outcome.ending.facts.text.byteCount == 5)
        #expect(outcome.ending.delivered.digest == Self.hash(Self.chunk("first")))
    }

    @Test(arguments: [InferenceError.Code.upstreamError, .upstreamTimeout])
    func `the provider's failure is the stream's`(code: InferenceError.Code) async throws {
        let relay = try await Relay()
        try await relay.source.finish(InferenceError(code, "it broke"))
        let outcome = await relay.outcome.value
        #expect(outcome.ending.error?.code == code)
        await relay.source.untilAbandoned()
    }

    @Test func `an error that the provider reports is the stream's, and nothing follows it`() async throws {
        let relay = try await Relay()
        try await relay.source.send(Self.chunk("a") + "data: {\"error\":{\"message\":\"no more\"}}\n\n")
        let outcome = await relay.outcome.value
        #expect(outcome.ending.error?.code == .upstreamError)
        #expect(try await relay.client.text() == Self.chunk("a"))
        try await relay.source.send(Self.chunk("b"))
        #expect(try await relay.client.hasNothingMore())
    }

    @Test func `a stream that had failed with its first piece is a failure once that is sent`() async throws {
        let client = try await ClientStub()
        let source = SourceStub(first: Self.chunk("first") + "data: {\"error\":{\"message\":\"no\"}}\n\n")
        let start = try await source.start()
        let outcome = await StreamRelay.run(start, to: client.channel, keepAlive: .hours(1), now: { 77 })
        #expect(outcome.ending.error?.code == .upstreamError)
        #expect(try await client.text() == Self.chunk("first"))
    }

    @Test func `a provider that does not end its answer is let go of after a while`() async throws {
        let relay = try await Relay()
        try await relay.source.send(Self.finish + Self.done)
        _ = await relay.outcome.value
        try await relay.client.onEventLoop()
        #expect(!relay.source.isAbandoned)
        await relay.client.channel.testingEventLoop.advanceTime(by: .seconds(1))
        await relay.source.untilAbandoned()
    }

    // MARK: The client's pace

    @Test func `a client that takes nothing makes the provider wait, and it goes on later`() async throws {
        let relay = try await Relay()
        try await relay.client.become(writable: false)
        let wait = try #require(try await relay.source.send(Self.chunk("a")))
        #expect(try await relay.client.text() == Self.chunk("a"))
        try await relay.client.become(writable: false)
        let flag = Flag()
        wait.whenComplete { _ in flag.set() }
        try await relay.client.onEventLoop()
        #expect(!flag.isSet)
        try await relay.client.become(writable: true)
        try await wait.get()
        #expect(try await relay.source.send(Self.chunk("b")) == nil)
        #expect(try await relay.client.text() == Self.chunk("b"))
        try await relay.client.close()
        _ = await relay.outcome.value
    }

    @Test func `whatever comes while a client takes nothing waits for the same moment`() async throws {
        let relay = try await Relay()
        try await relay.client.become(writable: false)
        let waits = [try await relay.source.send(Self.chunk("a")), try await relay.source.send(Self.chunk("b"))]
        try await relay.client.become(writable: true)
        for wait in waits { try await (try #require(wait)).get() }
        try await relay.client.close()
        _ = await relay.outcome.value
    }

    @Test func `the end of a stream does not wait for its client`() async throws {
        let relay = try await Relay()
        try await relay.client.become(writable: false)
        #expect(try await relay.source.send(Self.finish + Self.done) == nil)
        #expect(await relay.outcome.value.ending.error == nil)
    }

    // MARK: Clients that leave

    @Test(arguments: [true, false])
    func `a client that leaves ends the provider's call`(byHalf: Bool) async throws {
        let relay = try await Relay()
        if byHalf { try await relay.client.closeInput() } else { try await relay.client.close() }
        let outcome = await relay.outcome.value
        #expect(outcome.ending.error?.code == .cancelled)
        #expect(outcome.ending.facts.text.byteCount == 5)
        #expect(outcome.ending.delivered.digest == Self.hash(Self.chunk("first")))
        await relay.source.untilAbandoned()
    }

    @Test(arguments: [true, false])
    func `a client that leaves while the provider waits for it ends the call`(byHalf: Bool) async throws {
        let relay = try await Relay()
        try await relay.client.become(writable: false)
        let wait = try #require(try await relay.source.send(Self.chunk("a")))
        if byHalf { try await relay.client.closeInput() } else { try await relay.client.close() }
        try await wait.get()
        #expect(await relay.outcome.value.ending.error?.code == .cancelled)
        await relay.source.untilAbandoned()
    }

    @Test(arguments: [true, false])
    func `a client that left before the stream gets nothing`(byHalf: Bool) async throws {
        let client = try await ClientStub()
        if byHalf { try await client.closeInput() } else { try await client.close() }
        let source = SourceStub(first: Self.chunk("first"))
        let outcome = await StreamRelay.run(
            try await source.start(), to: client.channel, keepAlive: .hours(1), now: { 77 })
        #expect(outcome.ending.error?.code == .cancelled)
        #expect(outcome.ending.firstByteAt == nil && outcome.ending.delivered.digest == Self.hash())
        #expect(try await client.hasNothingMore())
        await source.untilAbandoned()
    }

    // MARK: Signs of life

    @Test func `while nothing comes a comment goes out, and counts as sent`() async throws {
        let relay = try await Relay(keepAlive: .nanoseconds(1))
        await relay.client.channel.testingEventLoop.advanceTime(to: .now())
        #expect(try await relay.client.text() == ": keep-alive\n\n")
        try await relay.source.send(Self.chunk("a"))
        #expect(try await relay.client.text() == Self.chunk("a"))
        try await relay.client.close()
        let hash = await relay.outcome.value.ending.delivered.digest
        #expect(hash == Self.hash(Self.chunk("first"), ": keep-alive\n\n", Self.chunk("a")))
    }

    @Test func `there is no comment before its time, nor for a client that takes nothing, nor after the end`()
        async throws
    {
        let relay = try await Relay(keepAlive: .hours(1))
        await relay.client.channel.testingEventLoop.advanceTime(to: .now())
        #expect(try await relay.client.hasNothingMore())
        try await relay.client.close()
        _ = await relay.outcome.value

        let slow = try await Relay(keepAlive: .nanoseconds(1))
        try await slow.client.become(writable: false)
        await slow.client.channel.testingEventLoop.advanceTime(to: .now())
        #expect(try await slow.client.hasNothingMore())
        try await slow.source.send(Self.done)
        _ = await slow.outcome.value
        try await slow.client.become(writable: true)
        await slow.client.channel.testingEventLoop.advanceTime(to: .now())
        #expect(try await slow.client.hasNothingMore())
    }
}
