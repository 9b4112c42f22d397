internal import Postgres
import Synchronization

/// The server that the workers connect to.
final class PostgresServer: Sendable {
    private let url: String
    private let reachability = Mutex(ServerReachability())

    init(url: String) {
        self.url = url
    }

    /// - Throws: `unreachable` and whatever else a session can't be made for; at once, while others have just failed.
    func connect() throws(PostgresError) -> PostgresSession {
        if let refusal = reachability.withLock({ $0.refusal(at: .now) }) { throw refusal }
        do {
            let session = try PostgresSession(url: url)
            reachability.withLock { $0.connected() }
            return session
        } catch {
            reachability.withLock { $0.failed(error, at: .now) }
            throw error
        }
    }
}
