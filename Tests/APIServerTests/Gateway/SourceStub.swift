import NIOCore
import Synchronization

@testable import Inference

/// A provider's stream that a test sends by hand, on the event loop where it is taken.
final class SourceStub: ByteSource {
    private struct State {
        var first: [[UInt8]]
        var receiver: (any BodyReceiver)?
        var eventLoop: (any EventLoop)?
        var isAbandoned = false
    }

    private let state: Mutex<State>
    private let forwarded: AsyncStream<Void>
    private let abandoned: AsyncStream<Void>
    private let (forwardedContinuation, abandonedContinuation):
        (AsyncStream<Void>.Continuation, AsyncStream<Void>.Continuation)

    /// - Parameter first: What is read before the rest is forwarded.
    init(first: String...) {
        state = Mutex(State(first: first.map { Array($0.utf8) }))
        let (forwarded, abandoned) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
        self.forwarded = forwarded.stream
        self.abandoned = abandoned.stream
        (forwardedContinuation, abandonedContinuation) = (forwarded.continuation, abandoned.continuation)
    }

    /// The stream as it is once its first chunk has been read.
    func start(model: String = "cat", showsUsage: Bool = false) async throws -> StreamStart {
        let route = Route(id: "r", targets: [Route.Target(provider: "p")])
        let attempt = Router(now: { 0 }).next(
            for: Model(id: model, ownedBy: "us", created: 0, route: route), after: AttemptHistory())
        guard let attempt else { throw InferenceError.cancelled }
        var start = StreamStart(
            editor: StreamEditor(model: model, showsUsage: showsUsage), body: UpstreamBody(self), attempt: attempt)
        try await start.read()
        return start
    }

    /// Waits until somebody takes what is sent.
    func untilForwarded() async {
        for await _ in forwarded { return }
    }

    /// Waits until nobody wants any more.
    func untilAbandoned() async {
        for await _ in abandoned { return }
    }

    var isAbandoned: Bool { state.withLock(\.isAbandoned) }

    /// Sends a piece; returns what the sender has to wait for.
    @discardableResult
    func send(_ text: String) async throws -> EventLoopFuture<Void>? {
        let (receiver, eventLoop) = try taker()
        return try await eventLoop.submit { receiver.receive(ByteBuffer(string: text)) }.get()
    }

    /// Ends the answer.
    func finish(_ error: InferenceError? = nil) async throws {
        let (receiver, eventLoop) = try taker()
        try await eventLoop.submit { receiver.finish(error) }.get()
    }

    private func taker() throws -> (any BodyReceiver, any EventLoop) {
        try state.withLock { state in
            guard let receiver = state.receiver, let eventLoop = state.eventLoop else { throw InferenceError.cancelled }
            return (receiver, eventLoop)
        }
    }

    func next() async throws(InferenceError) -> [UInt8]? {
        state.withLock { $0.first.isEmpty ? nil : $0.first.removeFirst() }
    }

    func forward(to receiver: any BodyReceiver, on eventLoop: any EventLoop) {
        state.withLock { state in
            state.receiver = receiver
            state.eventLoop = eventLoop
        }
        forwardedContinuation.yield()
    }

    func abandon() {
        state.withLock { $0.isAbandoned = true }
        abandonedContinuation.yield()
    }
}
