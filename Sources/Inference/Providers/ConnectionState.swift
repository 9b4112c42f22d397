import NIOCore

/// What one connection is doing, and whether it can serve another call. A value: events go in, and what is to be done
/// comes out.
///
/// A connection serves one call at a time. It is used again only if the request was sent whole, the answer came whole,
/// both sides want to go on, and nothing came that was not asked for.
struct ConnectionState {
    /// What to do with bytes that came.
    enum Arrival: Equatable {
        case decode
        /// Nobody asked for them.
        case close
    }

    /// What to do when everything that was read has been decoded.
    enum AfterRead: Equatable {
        case read
        /// The call is over, and the connection free for the next one.
        case release
        case close
        case nothing
    }

    /// What a call is told of whose connection is lost.
    enum Loss: Equatable {
        /// There is no call.
        case nothing
        /// There never was a connection.
        case unreachable
        /// The connection had been given up by the other side before the call came; another one may serve it.
        case stale
        case failure
    }

    private struct Call {
        var isRequestSent = false
        /// Whether a byte of it is here.
        var hasAnswer = false
        var keepsAlive = false
        var isAnswerComplete = false
        var isPaused = false
        /// Whether there is nothing to wait for, because reading stopped while paused.
        var isReadDue = false
    }

    private enum Phase {
        case connecting
        case idle
        case calling(Call)
        case closed
    }

    private var phase = Phase.connecting
    private var callCount = 0
    private var bounds = AnswerBounds()

    var isClosed: Bool {
        if case .closed = phase { true } else { false }
    }

    mutating func established() {
        guard case .connecting = phase else { return }
        phase = .idle
    }

    // MARK: The call

    /// Takes a call; the connection is idle.
    mutating func start() {
        guard case .idle = phase else { preconditionFailure("a connection serves one call at a time") }
        callCount += 1
        phase = .calling(Call())
    }

    mutating func requestSent() {
        change { $0.isRequestSent = true }
    }

    mutating func pause() {
        change { $0.isPaused = true }
    }

    /// - Returns: Whether to read now.
    mutating func resume() -> Bool {
        change { call in
            call.isPaused = false
            defer { call.isReadDue = false }
            return call.isReadDue
        } ?? false
    }

    // MARK: The answer

    mutating func read(_ bytes: ByteBuffer) -> Arrival {
        guard case .calling(var call) = phase, !call.isAnswerComplete else { return .close }
        call.hasAnswer = true
        phase = .calling(call)
        bounds.read(bytes)
        return .decode
    }

    mutating func decodedHead(keepsAlive: Bool, isChunked: Bool) {
        bounds.decodedHead(isChunked: isChunked)
        change { $0.keepsAlive = keepsAlive }
    }

    mutating func decodedBody(byteCount: Int) {
        bounds.decodedBody(byteCount: byteCount)
    }

    /// The answer is complete. Only what was read with it can still be wrong.
    mutating func decodedEnd() {
        let isLast = bounds.isLast
        change { call in
            call.isAnswerComplete = true
            call.keepsAlive = call.keepsAlive && isLast
        }
    }

    mutating func readComplete() -> AfterRead {
        bounds.forgetBytes()
        switch phase {
        case .connecting, .idle: return .read
        case .closed: return .nothing
        case .calling(var call):
            if call.isAnswerComplete {
                guard call.keepsAlive, call.isRequestSent else { return .close }
                phase = .idle
                return .release
            }
            guard call.isPaused else { return .read }
            call.isReadDue = true
            phase = .calling(call)
            return .nothing
        }
    }

    // MARK: The end

    /// The connection is lost or to be closed; nothing comes after this.
    mutating func close() -> Loss {
        defer { phase = .closed }
        if case .connecting = phase { return .unreachable }
        guard case .calling(let call) = phase, !call.isAnswerComplete else { return .nothing }
        return callCount > 1 && !call.isRequestSent && !call.hasAnswer ? .stale : .failure
    }

    @discardableResult
    private mutating func change<Result>(_ change: (inout Call) -> Result) -> Result? {
        guard case .calling(var call) = phase else { return nil }
        let result = change(&call)
        phase = .calling(call)
        return result
    }
}
