import NIOCore
import NIOPosix
import NIOSSL

/// The connections of one event loop to one upstream, which are used again and again.
///
/// All calls come on the event loop.
final class ConnectionPool: Sendable {
    let eventLoop: any EventLoop
    let address: UpstreamAddress
    private let tlsContext: NIOSSLContext?
    private let connectTimeout: TimeAmount
    private let state: NIOLoopBoundBox<State>

    private struct State {
        var pool = PoolState<UpstreamConnection, UpstreamExchange>(
            connectionCountMax: connectionCountMax, idleTimeMax: idleTimeMax)
        /// Closes idle connections; there is one while connections are idle.
        var sweep: Scheduled<Void>?
    }

    /// Calls beyond so many at a time wait for a connection, as long as connecting may take.
    private static let connectionCountMax = 4_096
    private static let idleTimeMax = TimeAmount.seconds(60)
    /// An answer is read in pieces of at most this size.
    private static let readByteCountMax = 32_768

    /// - Parameter tlsContext: Without one, the upstream is called in the clear.
    init(
        _ address: UpstreamAddress, connectTimeout: TimeAmount, tlsContext: NIOSSLContext?, on eventLoop: any EventLoop
    ) {
        self.eventLoop = eventLoop
        self.address = address
        self.tlsContext = tlsContext
        self.connectTimeout = connectTimeout
        state = NIOLoopBoundBox.makeBoxSendingValue(State(), eventLoop: eventLoop)
    }

    // MARK: Callers

    /// Finds a connection and lets the exchange run on it.
    ///
    /// - Parameter reuses: Whether a connection will do that was used before.
    func lease(for exchange: UpstreamExchange, reuses: Bool = true) {
        switch state.value.pool.lease(for: exchange, reuses: reuses) {
        case .use(let connection): return exchange.run(on: connection)
        case .refuse: return exchange.fail(ConnectionFailure.shutDown)
        case .connect: connect()
        case .wait: break
        }
        exchange.waits(atMost: connectTimeout)
    }

    /// The exchange needs no connection any more.
    func withdraw(_ exchange: UpstreamExchange) {
        _ = state.value.pool.withdraw(exchange)
    }

    /// Ends everything that is under way, and lets nothing begin.
    func shutDown() {
        let (connections, exchanges) = state.value.pool.shutDown()
        state.value.sweep.take()?.cancel()
        for exchange in exchanges { exchange.fail(ConnectionFailure.shutDown) }
        for connection in connections { connection.end(because: ConnectionFailure.shutDown) }
    }

    // MARK: Connections

    private func connect() {
        ClientBootstrap(group: eventLoop)
            .connectTimeout(connectTimeout)
            .channelOption(.autoRead, value: false)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 2_048, initial: 4_096, maximum: Self.readByteCountMax)
            )
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .connect(host: address.host, port: address.port)
            .assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success(let channel): self.occupy(channel)
                case .failure(let error): self.connectFailed(error)
                }
            }
    }

    private func occupy(_ channel: any Channel) {
        do {
            let tls = try tlsContext.map { context in try NIOSSLClientHandler(context: context, host: address.host) }
            try UpstreamConnection(self).occupy(channel, tls: tls, handshakeTimeout: connectTimeout)
        } catch {
            channel.close(promise: nil)
            connectFailed(error)
        }
    }

    func established(_ connection: UpstreamConnection) {
        place(connection, state.value.pool.connected(connection, now: .now()))
    }

    func connectFailed(_ error: any Error) {
        let (exchange, connectsAgain) = state.value.pool.connectFailed()
        if connectsAgain { connect() }
        exchange?.fail(error)
    }

    /// The connection can serve another call.
    func release(_ connection: UpstreamConnection) {
        place(connection, state.value.pool.release(connection, now: .now()))
    }

    func lost(_ connection: UpstreamConnection) {
        if state.value.pool.lost(connection) { connect() }
    }

    private func place(_ connection: UpstreamConnection, _ offer: PoolState<UpstreamConnection, UpstreamExchange>.Offer)
    {
        switch offer {
        case .serve(let exchange): exchange.run(on: connection)
        case .keep: scheduleSweep()
        case .close: connection.end(because: ConnectionFailure.shutDown)
        }
    }

    // MARK: Idle connections

    private func scheduleSweep() {
        guard state.value.sweep == nil, let deadline = state.value.pool.nextExpiry else { return }
        state.value.sweep = eventLoop.scheduleTask(deadline: deadline) { [weak self] in self?.sweep() }
    }

    private func sweep() {
        state.value.sweep = nil
        for connection in state.value.pool.expired(now: .now()) { connection.end(because: ConnectionFailure.unused) }
        scheduleSweep()
    }
}

extension NIOSSLClientHandler {
    /// Asks for a host by its name, and checks that it is this one; an address stands for itself.
    fileprivate convenience init(context: NIOSSLContext, host: String) throws {
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        try self.init(context: context, serverHostname: isAddress ? nil : host)
    }
}
