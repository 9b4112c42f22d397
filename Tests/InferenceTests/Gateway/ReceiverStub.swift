import NIOCore
import Synchronization

@testable import Inference

/// Takes an answer's bytes and tells what came. Where it is told to, it makes whoever sends them wait.
final class ReceiverStub: BodyReceiver {
    enum Event: Sendable, Equatable {
        case received(String)
        case finished(InferenceError.Code?)
    }

    private struct State {
        var pauses: Bool
        var pause: EventLoopPromise<Void>?
        var events: [Event] = []
    }

    private let eventLoop: any EventLoop
    private let state: Mutex<State>
    private let stream: AsyncStream<Event>
    private let continuation: AsyncStream<Event>.Continuation

    init(on eventLoop: any EventLoop, pauses: Bool = false) {
        self.eventLoop = eventLoop
        state = Mutex(State(pauses: pauses))
        (stream, continuation) = AsyncStream.makeStream()
    }

    /// The next event.
    func event() async -> Event? {
        var iterator = stream.makeAsyncIterator()
        return await iterator.next()
    }

    /// Everything that came, up to the end of the answer.
    func all() async -> (text: String, end: InferenceError.Code?) {
        var text = ""
        for await event in stream {
            switch event {
            case .received(let piece): text += piece
            case .finished(let code): return (text, code)
            }
        }
        return (text, nil)
    }

    /// How many events there were so far.
    var eventCount: Int { state.withLock(\.events.count) }

    var hasFinished: Bool {
        state.withLock { state in
            state.events.contains { if case .finished = $0 { true } else { false } }
        }
    }

    /// Lets the sender go on, now and from now on.
    func proceed() {
        let pause = state.withLock { state in
            state.pauses = false
            return state.pause.take()
        }
        pause?.succeed()
    }

    func receive(_ bytes: ByteBuffer) -> EventLoopFuture<Void>? {
        eventLoop.preconditionInEventLoop()
        note(.received(String(buffer: bytes)))
        return state.withLock { state in
            guard state.pauses else { return nil }
            let pause = state.pause ?? eventLoop.makePromise()
            state.pause = pause
            return pause.futureResult
        }
    }

    func finish(_ error: InferenceError?) {
        eventLoop.preconditionInEventLoop()
        note(.finished(error?.code))
    }

    private func note(_ event: Event) {
        state.withLock { $0.events.append(event) }
        continuation.yield(event)
    }
}
