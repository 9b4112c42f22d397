internal import Postgres

/// Decides whether a transaction that failed is run again, and after which pause.
struct RepetitionLimit {
    private var collisionCount = 0
    private var lossCount = 0
    private var staleCount = 0
    private let deadline = ContinuousClock.now + Self.collidingTimeMax

    static let collisionCountMax = 20
    private static let collidingTimeMax = Duration.seconds(5)
    private static let pauseMillisecondsMax = 250.0

    /// The pause before the next attempt; nil if there should be none.
    mutating func pause(after cause: PostgresError) -> Duration? {
        switch cause.code {
        case .connectionLost:
            // It may have been broken since it was last used. If the next one breaks too, the server is in trouble.
            lossCount += 1
            return lossCount <= 1 ? .zero : nil
        case .staleStatement:
            staleCount += 1
            return staleCount <= 2 ? .zero : nil
        case .refused where cause.isCollision:
            collisionCount += 1
            guard collisionCount < Self.collisionCountMax, .now < deadline else { return nil }
            return collisionPause()
        default:
            return nil
        }
    }

    /// Doubles from 2 ms on, with the dice deciding, so that those that collided do not meet again.
    private func collisionPause() -> Duration {
        let longest = min(Double(1 << collisionCount), Self.pauseMillisecondsMax)
        return .milliseconds(1) * Double.random(in: 0...longest)
    }
}

extension PostgresError {
    /// A serialization failure or a deadlock.
    var isCollision: Bool { sqlState == "40001" || sqlState == "40P01" }
}
