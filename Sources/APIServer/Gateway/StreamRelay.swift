import Inference
import NIOCore
import NIOHTTPTypes

/// Passes a stream on from its provider to its client, on the event loop that both share.
///
/// What comes goes out at once, edited by `StreamEditor`; a client that does not take it makes the provider wait. While
/// nothing comes, comments keep the connection from looking dead. The end of the stream is not sent from here.
final class StreamRelay: BodyReceiver, StreamPort.Occupant {
    /// How the stream ended, and what is needed to write its end.
    struct Outcome: Sendable {
        var editor: StreamEditor
        var ending: StreamEnding
    }

    private struct State {
        var editor: StreamEditor
        /// What was read before the relay began.
        var firstBytes: [UInt8]
        /// Kept while it is read from; letting go of it ends the call.
        var body: UpstreamBody?
        var delivered = DeliveredBytes()
        var firstByteAt: UInt64?
        var wroteAt = NIODeadline.now()
        /// Kept while the client has to catch up.
        var pause: EventLoopPromise<Void>?
        var keepAlive: Scheduled<Void>?
        var continuation: CheckedContinuation<Outcome, Never>?
        var isOver = false
    }

    /// What a comment looks like that nobody reads. https://html.spec.whatwg.org/multipage/server-sent-events.html
    private static let keepAliveComment = Array(": keep-alive\n\n".utf8)
    /// How long a provider may take to end its answer in order after it has said everything, so that its connection can
    /// be used again.
    private static let closingTime = TimeAmount.seconds(1)

    private let channel: any Channel
    private let keepAliveInterval: TimeAmount
    private let now: @Sendable () -> UInt64
    private let state: NIOLoopBoundBox<State>

    /// - Parameter now: Nanoseconds since 1970-01-01 00:00 UTC.
    private init(
        _ start: StreamStart, to channel: any Channel, keepAlive interval: TimeAmount,
        now: @escaping @Sendable () -> UInt64, continuation: CheckedContinuation<Outcome, Never>
    ) {
        self.channel = channel
        self.keepAliveInterval = interval
        self.now = now
        self.state = NIOLoopBoundBox.makeBoxSendingValue(
            State(editor: start.editor, firstBytes: start.bytes, body: start.body, continuation: continuation),
            eventLoop: channel.eventLoop)
    }

    /// Passes everything on until the stream is complete, fails, or its client is gone.
    static func run(
        _ start: StreamStart, to channel: any Channel, keepAlive interval: TimeAmount,
        now: @escaping @Sendable () -> UInt64
    ) async -> Outcome {
        await withCheckedContinuation { continuation in
            let relay = StreamRelay(start, to: channel, keepAlive: interval, now: now, continuation: continuation)
            // Behind the head, which is on its way to the same event loop.
            StreamPort.occupy(channel, relay)
        }
    }

    // MARK: The client's side

    func arrived() {
        let bytes = state.value.firstBytes
        state.value.firstBytes = []
        if !bytes.isEmpty { write(bytes) }
        guard case .open = state.value.editor.state else { return close() }
        scheduleKeepAlive(since: state.value.wroteAt)
        state.value.body?.forward(to: self, on: channel.eventLoop)
    }

    func writabilityChanged(isWritable: Bool) {
        guard isWritable else { return }
        state.value.pause.take()?.succeed()
    }

    func clientLeft() {
        end(because: .cancelled)
        state.value.body = nil
        state.value.pause.take()?.succeed()
    }

    private func write(_ bytes: [UInt8]) {
        state.value.delivered.append(bytes)
        if state.value.firstByteAt == nil { state.value.firstByteAt = now() }
        state.value.wroteAt = .now()
        channel.writeAndFlush(HTTPResponsePart.body(ByteBuffer(bytes: bytes)), promise: nil)
    }

    private func scheduleKeepAlive(since moment: NIODeadline) {
        let deadline = moment + keepAliveInterval
        state.value.keepAlive = channel.eventLoop.scheduleTask(deadline: deadline) { [weak self] in
            guard let self, !state.value.isOver else { return }
            guard .now() >= state.value.wroteAt + keepAliveInterval else {
                return scheduleKeepAlive(since: state.value.wroteAt)
            }
            // A client that takes nothing is looked after again as much later.
            if channel.isWritable { write(Self.keepAliveComment) }
            scheduleKeepAlive(since: .now())
        }
    }

    // MARK: The provider's side

    func receive(_ bytes: ByteBuffer) -> EventLoopFuture<Void>? {
        // What follows the end of a stream is of no use to anybody.
        guard !state.value.isOver else { return nil }
        let step = state.value.editor.take(Array(bytes.readableBytesView))
        if !step.bytes.isEmpty { write(step.bytes) }
        guard case .open = step.state else {
            close()
            return nil
        }
        guard !channel.isWritable, channel.isActive else { return nil }
        let pause = state.value.pause ?? channel.eventLoop.makePromise()
        state.value.pause = pause
        return pause.futureResult
    }

    func finish(_ error: InferenceError?) {
        defer { state.value.body = nil }
        guard !state.value.isOver else { return }
        if let error { return end(because: error) }
        let step = state.value.editor.end()
        if !step.bytes.isEmpty { write(step.bytes) }
        close()
    }

    /// Ends the stream in the way that its editor knows.
    private func close() {
        switch state.value.editor.state {
        case .open, .complete: end(because: nil)
        case .failed(let error): end(because: error)
        }
        guard state.value.body != nil else { return }
        channel.eventLoop.scheduleTask(in: Self.closingTime) { [state] in state.value.body = nil }
    }

    private func end(because error: InferenceError?) {
        guard !state.value.isOver else { return }
        state.value.isOver = true
        state.value.keepAlive.take()?.cancel()
        let ending = StreamEnding(
            state.value.editor, error: error, delivered: state.value.delivered, firstByteAt: state.value.firstByteAt)
        state.value.continuation.take()?.resume(returning: Outcome(editor: state.value.editor, ending: ending))
    }
}
