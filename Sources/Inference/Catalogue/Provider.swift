/// Somebody who answers inference calls.
package struct Provider: Hashable, Sendable {
    package let id: String
    package let kind: Kind

    package init(id: String, kind: Kind) {
        self.id = id
        self.kind = kind
    }

    package enum Kind: Hashable, Sendable {
        /// Answers by itself, without a network.
        case echo
        /// An upstream that speaks OpenAI's API.
        case openAICompatible(Endpoint)
    }

    /// How an upstream is reached.
    package struct Endpoint: Hashable, Sendable {
        /// An absolute `http` or `https` URL; paths such as `/chat/completions` are appended to it.
        package let baseURL: String
        /// The host and the port in it.
        let server: AttemptRecord.ServerAddress?
        /// Sent as a bearer token.
        package let apiKey: ProviderSecret?
        /// Sent with every call, in place of a caller's header of the same name.
        package let headers: [String: ProviderSecret]
        /// Until a connection stands, the TLS handshake included.
        package let connectTimeout: Duration
        /// From the start of a call to the last byte of its answer.
        package let totalTimeout: Duration
        /// Between two pieces of an answer's body. How long the first piece may take is bounded by the total alone,
        /// because a model may think for long before it says anything.
        package let idleTimeout: Duration

        package init(
            baseURL: String, apiKey: ProviderSecret? = nil, headers: [String: ProviderSecret] = [:],
            connectTimeout: Duration = .seconds(5), totalTimeout: Duration = .seconds(120),
            idleTimeout: Duration = .seconds(60)
        ) {
            self.baseURL = baseURL
            server = UpstreamAddress(baseURL: baseURL).map {
                AttemptRecord.ServerAddress(host: $0.host, port: $0.port)
            }
            self.apiKey = apiKey
            self.headers = headers
            self.connectTimeout = connectTimeout
            self.totalTimeout = totalTimeout
            self.idleTimeout = idleTimeout
        }
    }
}
