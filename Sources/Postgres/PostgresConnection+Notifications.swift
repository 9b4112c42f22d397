internal import CPostgres
import Glibc

/// https://www.postgresql.org/docs/15/libpq-notify.html
extension PostgresConnection {
    /// Waits for notifications on the channels that `LISTEN` named, for as long as it takes.
    ///
    /// - Returns: The payloads of those that came; nil after the signal.
    /// - Throws: `connectionLost`. Notifications may have been missed from then on.
    package mutating func waitForNotifications(orUntil wakeUp: WakeUp) throws(PostgresError) -> [String]? {
        while true {
            let payloads = takeNotifications()
            guard payloads.isEmpty else { return payloads }
            let socket = unsafe PQsocket(connection)
            guard socket >= 0 else { throw lost() }
            _ = try Poll.wait(for: [(socket, POLLIN), (wakeUp.descriptor, POLLIN)], until: nil)
            if try wakeUp.wait(atMost: .zero) { return nil }
            guard unsafe PQconsumeInput(connection) == 1 else { throw lost() }
        }
    }

    private func takeNotifications() -> [String] {
        var payloads: [String] = []
        while let notification = unsafe PQnotifies(connection) {
            payloads.append(unsafe String(cString: notification.pointee.extra))
            unsafe PQfreemem(notification)
        }
        return payloads
    }
}
