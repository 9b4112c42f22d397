import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// One call to a provider and its answer: what arrives on an event loop is taken by the task that reads it.
///
/// The provider is read from no faster than the reader takes; see `ResponseIntake.byteCountMax`. A receiver, once there
/// is one, gets everything on the event loop itself, and the task is out of the way.
final class UpstreamExchange: HTTPClientResponseDelegate, ByteSource {
    typealias Response = Void

    private struct State {
        var intake = ResponseIntake()
        var clock: ExchangeClock
        var call: HTTPClient.Task<Void>?
        var watch: Scheduled<Void>?
        /// The reader, while it waits.
        var reader: CheckedContinuation<Void, Never>?
        /// Who takes what comes, in place of a reader.
        var receiver: (any BodyReceiver)?
        /// Kept while the provider pauses.
        var pause: EventLoopPromise<Void>?
    }

    private let state: Mutex<State>

    init(_ endpoint: Provider.Endpoint) {
        state = Mutex(State(clock: ExchangeClock(endpoint, now: .now())))
    }

    func start(_ request: HTTPClient.Request, on client: HTTPClient) {
        let call = client.execute(request: request, delegate: self)
        let isOver = state.withLock { state in
            if !state.intake.isOver { state.call = call }
            return state.intake.isOver
        }
        if isOver { call.cancel() }
    }

    // MARK: The reader's side

    /// The answer's head, as soon as the first bytes of its body are here.
    func head() async throws(InferenceError) -> (head: HTTPResponseHead, isEmpty: Bool) {
        while true {
            try checkCancellation()
            let result = state.withLock { state in (state.intake.takeHead(), state.intake.isEmpty) }
            if let head = result.0 { return (try head.get(), result.1) }
            await waitUntilReady()
        }
    }

    func next() async throws(InferenceError) -> [UInt8]? {
        while true {
            try checkCancellation()
            let (chunk, pause) = state.withLock { state in
                let pause = state.pause.take()
                if pause != nil { state.clock.resumed(now: .now()) }
                return (state.intake.takeChunk(), pause)
            }
            pause?.succeed()
            switch chunk {
            case .bytes(let bytes): return bytes
            case .end: return nil
            case .failed(let error): throw error
            case .none: await waitUntilReady()
            }
        }
    }

    func forward(to receiver: any BodyReceiver, on eventLoop: any EventLoop) {
        guard eventLoop.inEventLoop else {
            return eventLoop.execute { self.forward(to: receiver, on: eventLoop) }
        }
        let (chunk, pause) = state.withLock { state in
            state.receiver = receiver
            return (state.intake.takeChunk(), state.pause.take())
        }
        var wait: EventLoopFuture<Void>?
        if case .bytes(let bytes) = chunk { wait = receiver.receive(ByteBuffer(bytes: bytes)) }
        if let pause {
            let wait = wait ?? eventLoop.makeSucceededVoidFuture()
            wait.whenComplete { _ in
                self.state.withLock { $0.clock.resumed(now: .now()) }
                pause.succeed()
            }
        }
        deliverEnd()
    }

    /// Tells the receiver how the answer ended, once it has, and forgets it.
    private func deliverEnd() {
        let ended = state.withLock { state -> (any BodyReceiver, InferenceError?)? in
            guard state.intake.isOver, let receiver = state.receiver.take() else { return nil }
            guard case .failed(let error) = state.intake.takeChunk() else { return (receiver, nil) }
            return (receiver, error)
        }
        ended?.0.finish(ended?.1)
    }

    /// Ends the call at once, wherever it is.
    func abandon() {
        state.withLock { $0.receiver = nil }
        finish { $0.abandon() }
    }

    private func checkCancellation() throws(InferenceError) {
        guard Task.isCancelled else { return }
        abandon()
        throw .cancelled
    }

    private func waitUntilReady() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if !state.intake.isReady { state.reader = continuation }
                    return state.intake.isReady
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            abandon()
        }
    }

    // MARK: The provider's side

    func didSendRequestHead(task: HTTPClient.Task<Void>, _ head: HTTPRequestHead) {
        watch(on: task.eventLoop)
    }

    func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        state.withLock { $0.intake.receive(head) }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Void>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
        let receiver = state.withLock { state in
            if state.receiver != nil { state.clock.bytesArrived(now: .now()) }
            return state.receiver
        }
        if let receiver { return deliver(buffer, to: receiver, of: task) }
        let (reader, pause) = state.withLock { state in
            state.intake.receive(buffer.readableBytesView)
            state.clock.bytesArrived(now: .now())
            if state.intake.isFull {
                state.clock.paused()
                state.pause = task.eventLoop.makePromise()
            }
            return (state.intake.isReady ? state.reader.take() : nil, state.pause)
        }
        reader?.resume()
        return pause?.futureResult ?? task.eventLoop.makeSucceededVoidFuture()
    }

    private func deliver(
        _ buffer: ByteBuffer, to receiver: any BodyReceiver, of task: HTTPClient.Task<Void>
    ) -> EventLoopFuture<Void> {
        guard let wait = receiver.receive(buffer) else { return task.eventLoop.makeSucceededVoidFuture() }
        state.withLock { $0.clock.paused() }
        return wait.always { _ in self.state.withLock { $0.clock.resumed(now: .now()) } }
    }

    func didReceiveError(task: HTTPClient.Task<Void>, _ error: any Error) {
        finish { $0.fail(InferenceError(connectionFailure: error)) }
    }

    func didFinishRequest(task: HTTPClient.Task<Void>) {
        finish { $0.finish() }
    }

    /// Ends the answer in the way told, unless it has ended before, and lets go of everything.
    private func finish(_ end: (inout ResponseIntake) -> Void) {
        let (call, watch, reader, pause) = state.withLock { state in
            end(&state.intake)
            return (state.call.take(), state.watch.take(), state.reader.take(), state.pause.take())
        }
        reader?.resume()
        pause?.succeed()
        watch?.cancel()
        // A call that has ended by itself does not mind.
        call?.cancel()
        deliverEnd()
    }

    private func watch(on eventLoop: any EventLoop) {
        let verdict = state.withLock { state -> ExchangeClock.Verdict? in
            guard !state.intake.isOver else { return nil }
            let verdict = state.clock.verdict(now: .now())
            if case .patience(let deadline) = verdict {
                state.watch = eventLoop.scheduleTask(deadline: deadline) { self.watch(on: eventLoop) }
            }
            return verdict
        }
        switch verdict {
        case nil, .patience: break
        case .tookTooLong: finish { $0.fail(InferenceError(.upstreamTimeout, "the provider took too long")) }
        case .stalled: finish { $0.fail(InferenceError(.upstreamTimeout, "the provider fell silent")) }
        }
    }
}
