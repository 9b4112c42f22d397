/// The providers of a catalogue, ready to be called.
package struct Upstreams: Sendable {
    private let clients: [String: UpstreamClient]
    private let upstreams: [String: any Upstream]

    /// - Parameter now: Seconds since 1970.
    package init(_ catalogue: Catalogue, now: @escaping @Sendable () -> Int64) {
        var clients: [String: UpstreamClient] = [:]
        var upstreams: [String: any Upstream] = [:]
        for provider in catalogue.providers.values {
            switch provider.kind {
            case .echo: upstreams[provider.id] = EchoProvider(now: now)
            case .openAICompatible(let endpoint):
                let client = UpstreamClient(endpoint)
                clients[provider.id] = client
                upstreams[provider.id] = client
            }
        }
        self.clients = clients
        self.upstreams = upstreams
    }

    /// The provider that an attempt goes to.
    package func upstream(of attempt: Attempt) -> any Upstream {
        guard let upstream = upstreams[attempt.target.provider] else {
            preconditionFailure("a catalogue has the providers of all its targets")
        }
        return upstream
    }

    /// Closes all connections; calls under way fail. To be called once, when nothing is called any more.
    package func shutDown() async {
        for client in clients.values {
            // A client that does not close in order has no connection left to lose.
            try? await client.shutDown()
        }
    }
}
