import Foundation
internal import Postgres

/// Hears what other processes announce, on a thread and a connection of its own
/// (https://www.postgresql.org/docs/15/sql-listen.html).
///
/// It connects again whenever the connection is lost, and ends with `close`.
final class ChangeListener: Sendable {
    private let url: String
    private let changes: ChangeCounters
    private let closing: WakeUp

    /// Notifications stay inside their database, so databases on one server do not hear each other.
    static let channel = "batchin_changes"
    private static let reconnectingPause = Duration.milliseconds(250)

    init(url: String, changes: ChangeCounters) throws(PostgresError) {
        self.url = url
        self.changes = changes
        closing = try WakeUp()
    }

    func start() {
        let thread = Thread { [self] in
            while listen() {}
        }
        thread.name = "batchin-listener"
        thread.start()
    }

    func close() {
        closing.signal()
    }

    /// Listens until the connection is lost; returns whether to go on after that.
    private func listen() -> Bool {
        defer { changes.endListening() }
        do {
            var connection = try PostgresConnection(url: url)
            try connection.run(script: "LISTEN \(Self.channel)")
            changes.beginListening()
            while let payloads = try connection.waitForNotifications(orUntil: closing) {
                changes.count(payloads.compactMap(ChangeTopic.init(payload:)))
            }
            return false
        } catch {
            // Whoever needs the server says what is wrong with it; here it is only tried again.
        }
        // Without a working clock or descriptor there is nothing left to do but end.
        return (try? !closing.wait(atMost: Self.reconnectingPause)) ?? false
    }
}

extension ChangeTopic {
    /// Another program, or a later version of this one, may use numbers that mean nothing here.
    fileprivate init?(payload: String) {
        guard let number = Int(payload), (0..<Self.countMax).contains(number) else { return nil }
        self.init(number)
    }
}
