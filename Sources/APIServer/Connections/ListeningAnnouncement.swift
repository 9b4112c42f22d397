import Foundation
import Synchronization

/// The one line on standard output, which scripts wait for: written once every listener accepts connections.
final class ListeningAnnouncement: Sendable {
    private let publicURL: PublicURL
    private let address: ListenAddress
    private let listenersLeft: Mutex<Int>

    init(_ configuration: Configuration, publicURL: PublicURL) {
        self.publicURL = publicURL
        self.address = configuration.listen
        self.listenersLeft = Mutex(configuration.metricsListen == nil ? 1 : 2)
    }

    func mainListenerRuns(onPort port: Int) {
        publicURL.listens(onPort: port)
        oneMoreRuns()
    }

    func metricsListenerRuns() {
        oneMoreRuns()
    }

    private func oneMoreRuns() {
        let isLast = listenersLeft.withLock { left in
            left -= 1
            return left == 0
        }
        guard isLast else { return }
        let real = ListenAddress(host: address.host, port: publicURL.port)
        FileHandle.standardOutput.write(Data("listening on http://\(real)\n".utf8))
    }
}
