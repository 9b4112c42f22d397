import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Calls one upstream over HTTP/1.1.
///
/// Connections are kept for later calls on the same event loop; a call that ends early closes its own. Redirects are not
/// followed, and compressed answers are neither asked for nor taken.
struct UpstreamClient: Upstream {
    private let endpoint: Provider.Endpoint
    private let headers: UpstreamHeaders
    /// One for each event loop, so that a call and its caller share one; or why there can be none.
    private let pools: Result<Pools, any Error>

    private struct Pools {
        let byEventLoop: [ObjectIdentifier: ConnectionPool]
        let usual: ConnectionPool
    }

    /// - Parameter trustRoots: Who may vouch for an upstream that is called over TLS.
    init(_ endpoint: Provider.Endpoint, trustRoots: NIOSSLTrustRoots = .default) {
        self.endpoint = endpoint
        headers = UpstreamHeaders(endpoint)
        pools = Result { try Self.pools(endpoint, trustRoots) }
    }

    private static func pools(_ endpoint: Provider.Endpoint, _ trustRoots: NIOSSLTrustRoots) throws -> Pools {
        guard let address = UpstreamAddress(baseURL: endpoint.baseURL) else { throw ConnectionFailure.invalidURL }
        let tlsContext = address.isSecure ? try NIOSSLContext(configuration: tlsConfiguration(trustRoots)) : nil
        let group = MultiThreadedEventLoopGroup.singleton
        let pools = group.makeIterator().map { eventLoop in
            let timeout = TimeAmount(endpoint.connectTimeout)
            return ConnectionPool(address, connectTimeout: timeout, tlsContext: tlsContext, on: eventLoop)
        }
        return Pools(
            byEventLoop: Dictionary(uniqueKeysWithValues: pools.map { (ObjectIdentifier($0.eventLoop), $0) }),
            usual: pools[0])
    }

    private static func tlsConfiguration(_ trustRoots: NIOSSLTrustRoots) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = trustRoots
        configuration.applicationProtocols = ["http/1.1"]
        // A call that ends early ends at once.
        configuration.shutdownTimeout = .milliseconds(100)
        return configuration
    }

    /// Ends what is still under way.
    func shutDown() async throws {
        guard case .success(let pools) = pools else { return }
        for pool in pools.byEventLoop.values {
            try await pool.eventLoop.submit { pool.shutDown() }.get()
        }
    }

    func send(_ request: UpstreamRequest) async throws(InferenceError) -> UpstreamResponse {
        let exchange = try exchange(request)
        exchange.start()
        request.departure?.whenAnnounced { [weak exchange] in exchange?.abandon() }
        let body = UpstreamBody(exchange)
        let (head, isEmpty) = try await exchange.head()
        let response = headers.response(head, body: body)
        if (200..<300).contains(response.status) {
            guard !isEmpty else { throw InferenceError(.upstreamError, "the provider's answer is empty") }
            try headers.check(head, expecting: request.expectedContent)
        }
        return response
    }

    private func exchange(_ request: UpstreamRequest) throws(InferenceError) -> UpstreamExchange {
        do {
            let pool = try pool(request.eventLoop)
            let headers = headers.request(request)
            guard headers.areWellFormed else { throw ConnectionFailure.invalidHeader }
            let path = pool.address.path(of: request.endpoint)
            let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: path, headers: headers)
            let clock = ExchangeClock(endpoint, now: .now())
            return UpstreamExchange(head, body: ByteBuffer(bytes: request.body), clock: clock, on: pool)
        } catch {
            throw InferenceError(connectionFailure: error)
        }
    }

    /// The event loop's own, or always the same one, whose connections are there already.
    private func pool(_ eventLoop: (any EventLoop)?) throws -> ConnectionPool {
        let pools = try pools.get()
        return eventLoop.flatMap { pools.byEventLoop[ObjectIdentifier($0)] } ?? pools.usual
    }
}
