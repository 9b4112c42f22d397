import Database
import Synchronization

/// Token buckets in this process's memory, one for each key that was seen in the last minute.
///
/// There are never more than `countMax`; when so many keys are busy at once, some get a full bucket.
package final class TokenBuckets<Key: Hashable & Sendable>: Sendable {
    private let buckets: Mutex<BoundedTable<Key, TokenBucket>>
    private let now: @Sendable () -> Int64

    /// - Parameter now: A clock in milliseconds.
    package init(countMax: Int = 50_000, now: @escaping @Sendable () -> Int64 = { UnixTime.now() }) {
        buckets = Mutex(BoundedTable(countMax: countMax))
        self.now = now
    }

    /// How many keys are remembered.
    var count: Int { buckets.withLock(\.count) }

    /// Takes a token of this key.
    ///
    /// - Parameter perMinute: When it differs from the last time, what is left of the bucket stays, as far as it fits.
    package func take(_ key: Key, perMinute: Int) -> RateLimitVerdict {
        buckets.withLock { buckets in
            // Read under the lock, so that time does not run backwards between two requests.
            let now = now()
            return buckets.update(key, orInsert: { TokenBucket(perMinute: perMinute, at: now) }, isSpare: isSpare(now))
            {
                if $0.perMinute != perMinute { $0.changeLimit(perMinute: perMinute, at: now) }
                return $0.take(at: now)
            }
        }
    }

    /// How a key stands, with nothing taken.
    package func standing(_ key: Key, perMinute: Int) -> RateLimitVerdict {
        buckets.withLock { buckets in
            let now = now()
            var bucket = buckets[key] ?? TokenBucket(perMinute: perMinute, at: now)
            bucket.changeLimit(perMinute: perMinute, at: now)
            return bucket.verdict(isAdmitted: true, retryAfterMilliseconds: 0)
        }
    }

    private func isSpare(_ now: Int64) -> (TokenBucket) -> Bool {
        { bucket in
            var bucket = bucket
            bucket.refill(at: now)
            return bucket.isFull
        }
    }
}
