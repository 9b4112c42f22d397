import NIOCore
import NIOHTTP1
import NIOSSL
import NIOTLS

/// One connection to an upstream, on its event loop. It does what `ConnectionState` says.
final class UpstreamConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let pool: ConnectionPool
    private var state = ConnectionState()
    private var context: ChannelHandlerContext?
    private var exchange: UpstreamExchange?
    /// What was decoded of a body, until all that was read is.
    private var bytes: ByteBuffer?
    private var handshakeTimeout: Scheduled<Void>?
    /// Looks after the time that an exchange takes. It is left standing when an exchange ends, because the next one has
    /// as much time.
    private var watch: (task: Scheduled<Void>, deadline: NIODeadline)?

    /// https://www.rfc-editor.org/rfc/rfc9110#section-5.4
    private static let headerByteCountMax = 65_536

    init(_ pool: ConnectionPool) {
        self.pool = pool
    }

    /// Takes charge of a channel that has just been connected.
    func occupy(_ channel: any Channel, tls: NIOSSLClientHandler?, handshakeTimeout: TimeAmount) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = Self.headerByteCountMax
        limits.maxHeaderListSize = Self.headerByteCountMax
        var encoding = HTTPRequestEncoder.Configuration()
        encoding.automaticallySetFramingHeaders = false
        let pipeline = channel.pipeline.syncOperations
        if let tls {
            try pipeline.addHandler(tls)
            self.handshakeTimeout = channel.eventLoop.assumeIsolated().scheduleTask(in: handshakeTimeout) {
                self.end(because: ConnectionFailure.timeout)
            }
        }
        try pipeline.addHandler(ArrivalHandler(self))
        try pipeline.addHandler(HTTPRequestEncoder(configuration: encoding))
        try pipeline.addHandler(ByteToMessageHandler(HTTPResponseDecoder(limitConfiguration: limits)))
        try pipeline.addHandler(self)
        if tls == nil { established() }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        context.read()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent { established() }
        context.fireUserInboundEventTriggered(event)
    }

    private func established() {
        handshakeTimeout.take()?.cancel()
        state.established()
        pool.established(self)
    }

    // MARK: The call

    /// Sends the request of an exchange, and gives it the answer.
    func start(_ exchange: UpstreamExchange) {
        guard let context else { return exchange.fail(ConnectionFailure.closed) }
        state.start()
        self.exchange = exchange
        scheduleWatch()
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenSuccess { self.state.requestSent() }
        context.write(wrapOutboundOut(.head(exchange.requestHead)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(exchange.requestBody))), promise: sent)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// The exchange takes nothing for now.
    func pause() {
        state.pause()
    }

    func resume() {
        if state.resume() { context?.read() }
    }

    /// The exchange wants no answer any more.
    func drop(_ exchange: UpstreamExchange) {
        guard self.exchange === exchange else { return }
        self.exchange = nil
        end(because: ConnectionFailure.closed)
    }

    private func scheduleWatch() {
        guard let deadline = exchange?.patience() else { return }
        if let watch {
            guard deadline < watch.deadline else { return }
            watch.task.cancel()
        }
        let task = pool.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.watch = nil
            self.scheduleWatch()
        }
        watch = (task, deadline)
    }

    // MARK: The answer

    /// - Returns: Whether the bytes are to be decoded.
    fileprivate func arrived(_ bytes: ByteBuffer) -> Bool {
        switch state.read(bytes) {
        case .decode: return true
        case .close:
            end(because: ConnectionFailure.unasked)
            return false
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            // Nobody asks for another protocol.
            guard head.status != .switchingProtocols else { return end(because: HTTPParserError.invalidStatus) }
            let isChunked = head.headers.contains(name: "transfer-encoding")
            state.decodedHead(keepsAlive: head.isKeepAlive, isChunked: isChunked)
            exchange?.receive(head)
        case .body(var part):
            state.decodedBody(byteCount: part.readableBytes)
            if bytes == nil { bytes = part } else { bytes?.writeBuffer(&part) }
        case .end:
            state.decodedEnd()
            handOver()
            exchange.take()?.finish()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        handOver()
        switch state.readComplete() {
        case .nothing: break
        case .read: context.read()
        case .close: end(because: ConnectionFailure.closed)
        case .release:
            // To hear when the other side closes the connection.
            context.read()
            pool.release(self)
        }
    }

    private func handOver() {
        guard let bytes = bytes.take() else { return }
        exchange?.receive(bytes)
    }

    // MARK: The end

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(because: error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(because: ConnectionFailure.closed)
        context.fireChannelInactive()
    }

    /// Closes the connection; its exchange fails, or is served by another one.
    func end(because error: any Error) {
        guard !state.isClosed else { return }
        let loss = state.close()
        handOver()
        let exchange = exchange.take()
        handshakeTimeout.take()?.cancel()
        watch.take()?.task.cancel()
        context?.close(promise: nil)
        switch loss {
        case .unreachable: return pool.connectFailed(error)
        case .nothing: break
        case .stale: exchange?.runAgain(after: error)
        case .failure: exchange?.fail(error)
        }
        pool.lost(self)
    }
}

@available(*, unavailable)
extension UpstreamConnection: Sendable {}

/// Shows a connection its bytes before they are decoded.
private final class ArrivalHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let connection: UpstreamConnection

    init(_ connection: UpstreamConnection) {
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if connection.arrived(unwrapInboundIn(data)) { context.fireChannelRead(data) }
    }
}

@available(*, unavailable)
extension ArrivalHandler: Sendable {}
