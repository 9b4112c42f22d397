import Synchronization

/// What URLs in answers begin with: the setting `public_url`, else the address listened on; never the Host header.
final class PublicURL: Sendable {
    private let configuration: Configuration
    private let listeningPort: Atomic<Int>

    var port: Int { listeningPort.load(ordering: .relaxed) }

    init(_ configuration: Configuration) {
        self.configuration = configuration
        self.listeningPort = Atomic(configuration.listen.port)
    }

    /// Tells the real port where the configuration leaves the choice to the system.
    func listens(onPort number: Int) {
        listeningPort.store(number, ordering: .relaxed)
    }

    var text: String {
        let host = configuration.listen.host
        return configuration.publicURL(listeningOn: ListenAddress(host: host, port: port))
    }
}
