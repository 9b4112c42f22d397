package import Database

/// Holds API keys to their requests a minute.
///
/// Each key has a bucket of that many tokens, refilled evenly. Where one process serves a database, the buckets are in
/// its memory, and a restart fills them. Where several do, they are in the database, and the limit holds across all
/// processes: together they admit no more than a tenth above it, and what a single one admits of a steady flood is
/// nowhere near a tenth below.
package final class KeyRateLimiter: Sendable {
    private enum Buckets {
        case own(TokenBuckets<UUIDv7>)
        case shared(SharedTokenBuckets)
    }

    private let buckets: Buckets

    /// - Parameters:
    ///   - database: Opened with `AccountStore.migrations`.
    ///   - now: The wall clock, in milliseconds since 1970-01-01 00:00 UTC.
    package convenience init(database: Database, now: @escaping @Sendable () -> Int64 = { UnixTime.now() }) {
        self.init(database: database, isShared: database.isShared, now: now)
    }

    init(database: Database, isShared: Bool, now: @escaping @Sendable () -> Int64) {
        buckets =
            isShared
            ? .shared(SharedTokenBuckets(database: database, now: now))
            : .own(TokenBuckets(now: now))
    }

    /// Counts a request of this key.
    ///
    /// - Parameter perMinute: The key's limit. When it changes, what is left of the bucket stays, as far as it fits.
    /// - Throws: `database`, when a request can neither be admitted nor refused.
    package func admit(_ key: UUIDv7, perMinute: Int) async throws(AccountsError) -> RateLimitVerdict {
        switch buckets {
        case .own(let buckets): buckets.take(key, perMinute: perMinute)
        case .shared(let buckets): try await buckets.take(key, perMinute: perMinute)
        }
    }

    /// How a key stands, as far as this process knows, without counting a request.
    package func standing(of key: UUIDv7, perMinute: Int) -> RateLimitVerdict {
        switch buckets {
        case .own(let buckets): buckets.standing(key, perMinute: perMinute)
        case .shared(let buckets): buckets.standing(key, perMinute: perMinute)
        }
    }
}
