internal import Postgres

/// Who may try to connect to a server that was not to be reached a moment ago.
///
/// For a short while nobody; then one at a time, while the others are told at once what the last one got, so that nobody
/// queues for a connection that takes seconds to fail.
struct ServerReachability {
    typealias Instant = ContinuousClock.Instant

    private enum State {
        case reachable
        case unreachable(PostgresError, until: Instant)
        /// One is trying.
        case tried(PostgresError)
    }

    private var state = State.reachable

    static let pause = Duration.milliseconds(250)

    /// - Returns: nil for whoever may try, and then says how it went; else what the last one got.
    mutating func refusal(at now: Instant) -> PostgresError? {
        switch state {
        case .reachable:
            return nil
        case .unreachable(let error, let until):
            guard now >= until else { return error }
            state = .tried(error)
            return nil
        case .tried(let error):
            return error
        }
    }

    mutating func connected() {
        state = .reachable
    }

    mutating func failed(_ error: PostgresError, at now: Instant) {
        state = .unreachable(error, until: now + Self.pause)
    }
}
