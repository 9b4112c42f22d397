import NIOCore
import NIOHTTP1

/// One call to a provider and its answer, on one event loop: what arrives is taken by the task that reads it.
///
/// The provider is read from no faster than the reader takes; see `ResponseIntake.byteCountMax`. A receiver, once there
/// is one, gets everything as it comes, and the task is out of the way. A reader on the event loop itself never waits
/// for what is here already.
///
/// A request that could not be sent because its connection was closed before is sent on a connection of its own. One that
/// was sent is not sent again, even if the connection breaks at once: a `POST` may have been applied
/// (https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2), and whether to try again is for the route to say, where it is
/// counted and seen.
final class UpstreamExchange: ByteSource {
    let requestHead: HTTPRequestHead
    let requestBody: ByteBuffer
    private let pool: ConnectionPool
    private let state: NIOLoopBoundBox<State>

    private struct State {
        var intake = ResponseIntake()
        var clock: ExchangeClock
        var connection: UpstreamConnection?
        /// Ends the wait for a connection.
        var waitEnd: Scheduled<Void>?
        var wasRunBefore = false
        /// Whether the provider has to wait for whoever takes its answer.
        var isPaused = false
        /// The reader, while it waits: tells whether it has what it waited for.
        var reader: ((UpstreamExchange) -> Bool)?
        /// Who takes what comes, in place of a reader.
        var receiver: (any BodyReceiver)?
    }

    init(_ head: HTTPRequestHead, body: ByteBuffer, clock: ExchangeClock, on pool: ConnectionPool) {
        requestHead = head
        requestBody = body
        self.pool = pool
        state = NIOLoopBoundBox.makeBoxSendingValue(State(clock: clock), eventLoop: pool.eventLoop)
    }

    func start() {
        onEventLoop { exchange in
            guard !exchange.state.value.intake.isOver else { return }
            exchange.pool.lease(for: exchange)
        }
    }

    private func onEventLoop(_ work: @escaping @Sendable (UpstreamExchange) -> Void) {
        guard !pool.eventLoop.inEventLoop else { return work(self) }
        pool.eventLoop.execute { work(self) }
    }

    // MARK: The reader's side

    /// The answer's head, as soon as the first bytes of its body are here.
    func head() async throws(InferenceError) -> (head: HTTPResponseHead, isEmpty: Bool) {
        try checkCancellation()
        let (head, isEmpty) = await take { intake in intake.takeHead().map { ($0, intake.isEmpty) } }
        return (try head.get(), isEmpty)
    }

    func next() async throws(InferenceError) -> [UInt8]? {
        try checkCancellation()
        let chunk = await take { intake in
            let chunk = intake.takeChunk()
            if case .none = chunk { return nil as ResponseIntake.Chunk? }
            return chunk
        }
        switch chunk {
        case .bytes(let bytes): return bytes
        case .failed(let error): throw error
        case .end, .none: return nil
        }
    }

    private func checkCancellation() throws(InferenceError) {
        guard Task.isCancelled else { return }
        abandon()
        throw .cancelled
    }

    /// Waits until there is something to take.
    private func take<Result: Sendable>(
        _ take: @escaping @Sendable (inout ResponseIntake) -> Result?
    ) async -> Result {
        if pool.eventLoop.inEventLoop, let result = takeNow(take) { return result }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                onEventLoop { exchange in
                    exchange.state.value.reader = { exchange in
                        guard let result = exchange.takeNow(take) else { return false }
                        continuation.resume(returning: result)
                        return true
                    }
                    exchange.wakeReader()
                }
            }
        } onCancel: {
            abandon()
        }
    }

    private func takeNow<Result>(_ take: (inout ResponseIntake) -> Result?) -> Result? {
        let result = take(&state.value.intake)
        if state.value.receiver == nil, !state.value.intake.isFull { resume() }
        return result
    }

    private func wakeReader() {
        guard let reader = state.value.reader, reader(self) else { return }
        state.value.reader = nil
    }

    /// Ends the call at once, wherever it is.
    func abandon() {
        onEventLoop { exchange in
            exchange.state.value.receiver = nil
            exchange.state.value.intake.abandon()
            exchange.leave()
        }
    }

    // MARK: The receiver's side

    func forward(to receiver: any BodyReceiver, on eventLoop: any EventLoop) {
        onEventLoop { exchange in
            exchange.state.value.receiver = receiver
            exchange.goOn()
        }
    }

    /// Gives the receiver what waits for it, and goes on unless it wants to wait again.
    private func goOn() {
        resume()
        if let receiver = state.value.receiver, case .bytes(let bytes) = state.value.intake.takeChunk() {
            deliver(ByteBuffer(bytes: bytes), to: receiver)
        }
        deliverEnd()
    }

    private func deliver(_ bytes: ByteBuffer, to receiver: any BodyReceiver) {
        guard let wait = receiver.receive(bytes) else { return }
        pause()
        wait.hop(to: pool.eventLoop).whenComplete { _ in self.goOn() }
    }

    /// Tells the receiver how the answer ended, once it has, and forgets it.
    private func deliverEnd() {
        guard state.value.intake.isOver, !state.value.isPaused, let receiver = state.value.receiver.take() else {
            return
        }
        guard case .failed(let error) = state.value.intake.takeChunk() else { return receiver.finish(nil) }
        receiver.finish(error)
    }

    private func pause() {
        state.value.isPaused = true
        state.value.clock.paused()
        state.value.connection?.pause()
    }

    private func resume() {
        guard state.value.isPaused else { return }
        state.value.isPaused = false
        state.value.clock.resumed(now: .now())
        state.value.connection?.resume()
    }

    // MARK: The provider's side

    /// There is no connection yet.
    func waits(atMost time: TimeAmount) {
        guard !state.value.intake.isOver else { return }
        state.value.waitEnd = pool.eventLoop.scheduleTask(in: time) { [weak self] in
            self?.fail(ConnectionFailure.timeout)
        }
    }

    func run(on connection: UpstreamConnection) {
        state.value.waitEnd.take()?.cancel()
        state.value.connection = connection
        connection.start(self)
    }

    /// The connection was none any more.
    func runAgain(after error: any Error) {
        guard !state.value.wasRunBefore else { return fail(error) }
        state.value.wasRunBefore = true
        state.value.connection = nil
        pool.lease(for: self, reuses: false)
    }

    func receive(_ head: HTTPResponseHead) {
        state.value.intake.receive(head)
    }

    func receive(_ bytes: ByteBuffer) {
        guard !state.value.intake.isOver else { return }
        if !state.value.isPaused { state.value.clock.bytesArrived(now: .now()) }
        if let receiver = state.value.receiver, !state.value.isPaused { return deliver(bytes, to: receiver) }
        state.value.intake.receive(bytes.readableBytesView)
        if state.value.intake.isFull, !state.value.isPaused { pause() }
        wakeReader()
    }

    /// The answer is complete.
    func finish() {
        state.value.intake.finish()
        leave()
    }

    func fail(_ error: any Error) {
        state.value.intake.fail(InferenceError(connectionFailure: error))
        leave()
    }

    /// When to ask again; nil if the call is over, maybe because its time is.
    func patience() -> NIODeadline? {
        guard !state.value.intake.isOver else { return nil }
        switch state.value.clock.verdict(now: .now()) {
        case .patience(let deadline): return deadline
        case .tookTooLong: timeOut("the provider took too long")
        case .stalled: timeOut("the provider fell silent")
        }
        return nil
    }

    /// Ends the call in time, even if the receiver still wants to wait.
    private func timeOut(_ message: String) {
        if state.value.receiver != nil, state.value.isPaused {
            state.value.isPaused = false
            _ = state.value.intake.takeChunk()
        }
        state.value.intake.fail(InferenceError(.upstreamTimeout, message))
        leave()
    }

    /// Lets go of everything, now that the call is over.
    private func leave() {
        if let waitEnd = state.value.waitEnd.take() {
            waitEnd.cancel()
            pool.withdraw(self)
        }
        state.value.connection.take()?.drop(self)
        wakeReader()
        deliverEnd()
    }
}
