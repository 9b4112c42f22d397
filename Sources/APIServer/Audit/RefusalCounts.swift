import Accounts
import Synchronization

/// How often requests of each user were refused before they were runs, since the user's last record, which tells.
///
/// Counts live in the process that refused, and die with it.
final class RefusalCounts: Sendable {
    struct Counts: Hashable, Sendable {
        /// Refused with 401.
        var unauthorized: Int64 = 0
        /// Refused with 429.
        var rateLimited: Int64 = 0

        var isEmpty: Bool { unauthorized == 0 && rateLimited == 0 }

        static func += (left: inout Counts, right: Counts) {
            left.unauthorized += right.unauthorized
            left.rateLimited += right.rateLimited
        }
    }

    /// Users beyond so many are not counted until others have been told.
    static let userCountMax = 100_000

    private let counts = Mutex<[UserID: Counts]>([:])

    func add(_ more: Counts, of user: UserID) {
        guard !more.isEmpty else { return }
        counts.withLock { counts in
            guard counts[user] != nil || counts.count < Self.userCountMax else { return }
            counts[user, default: Counts()] += more
        }
    }

    /// What is to be told now.
    func take(of user: UserID) -> Counts {
        counts.withLock { counts in
            // Nobody was refused, nearly always.
            counts.isEmpty ? Counts() : counts.removeValue(forKey: user) ?? Counts()
        }
    }

    /// What was taken and could not be told.
    func giveBack(_ taken: Counts, of user: UserID) {
        add(taken, of: user)
    }
}
