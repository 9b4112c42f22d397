import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix

/// Calls one upstream over HTTP/1.1.
///
/// Connections are kept for later calls; a call that ends early closes its own. Redirects are not followed, and
/// compressed answers are neither asked for nor taken.
struct UpstreamClient: Upstream {
    private let endpoint: Provider.Endpoint
    /// Without headers and bodies; a URL is taken apart once.
    private let requests: [UpstreamRequest.Endpoint: HTTPClient.Request]
    private let headers: UpstreamHeaders
    /// One for each event loop, so that a call and its caller share one.
    private let clients: [ObjectIdentifier: HTTPClient]
    private let anyClient: HTTPClient

    /// Calls beyond so many at a time wait for a connection, as long as connecting may take.
    private static let connectionCountMax = 4_096

    init(_ endpoint: Provider.Endpoint) {
        self.endpoint = endpoint
        let base = endpoint.baseURL.hasSuffix("/") ? endpoint.baseURL : endpoint.baseURL + "/"
        requests = Dictionary(
            uniqueKeysWithValues: UpstreamRequest.Endpoint.allCases.compactMap { path in
                // A URL that can't be called is found out when it is to be.
                (try? HTTPClient.Request(url: base + path.rawValue, method: .POST)).map { (path, $0) }
            })
        headers = UpstreamHeaders(endpoint)
        let configuration = Self.configuration(endpoint)
        let group = MultiThreadedEventLoopGroup.singleton
        clients = Dictionary(
            uniqueKeysWithValues: group.makeIterator().map { eventLoop in
                (ObjectIdentifier(eventLoop), HTTPClient(eventLoopGroup: eventLoop, configuration: configuration))
            })
        anyClient = HTTPClient(eventLoopGroup: group, configuration: configuration)
    }

    private static func configuration(_ endpoint: Provider.Endpoint) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: HTTPClient.Configuration.Timeout(connect: TimeAmount(endpoint.connectTimeout)),
            decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connectionCountMax
        // Whoever routes decides what is tried again.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    /// Ends what is still under way.
    func shutDown() async throws {
        for client in clients.values { try await client.shutdown() }
        try await anyClient.shutdown()
    }

    func send(_ request: UpstreamRequest) async throws(InferenceError) -> UpstreamResponse {
        let exchange = UpstreamExchange(endpoint)
        let client = request.eventLoop.flatMap { clients[ObjectIdentifier($0)] } ?? anyClient
        exchange.start(try httpRequest(request), on: client)
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

    private func httpRequest(_ request: UpstreamRequest) throws(InferenceError) -> HTTPClient.Request {
        guard var call = requests[request.endpoint] else {
            throw InferenceError(connectionFailure: HTTPClientError.invalidURL)
        }
        call.headers = headers.request(request)
        call.body = .byteBuffer(ByteBuffer(bytes: request.body))
        return call
    }
}
