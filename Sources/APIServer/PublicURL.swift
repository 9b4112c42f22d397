import Synchronization

/// What URLs in answers begin with: the setting `public_url`, else the address listened on; never the Host header.
final class PublicURL: Sendable {
    private let configuration: Configuration
    private let port: Atomic<Int>

    init(_ configuration: Configuration) {
        self.configuration = configuration
        self.port = Atomic(configuration.listen.port)
    }

    /// Tells the real port where the configuration leaves the choice to the system.
    func listens(onPort number: Int) {
        port.store(number, ordering: .relaxed)
    }

    var text: String {
        let host = configuration.listen.host
        return configuration.publicURL(
            listeningOn: ListenAddress(host: host, port: port.load(ordering: .relaxed)))
    }
}
