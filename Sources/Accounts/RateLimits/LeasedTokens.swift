/// What one process holds of a bucket that several share: the tokens that it has leased and not used, and the bucket as
/// it saw it last. A value: requests and leases go in, verdicts come out.
///
/// Leased tokens lapse after a second, so that what is admitted in a minute is never more than the bucket gave out in
/// that minute and the second before. While the bucket is empty, requests are refused without asking it, until the next
/// token is due or, where they come fast, the next tenth of a second's.
struct LeasedTokens: Sendable {
    static let lifetimeMilliseconds: Int64 = 1000
    /// How often at most an empty bucket is asked, however fast it fills.
    static let asksPerMinuteMax: Int64 = 600

    /// What to ask of the shared bucket.
    struct Order: Hashable, Sendable {
        /// At least 1.
        var wanted: Int64
        /// Tokens that lapsed here, which the bucket gets back.
        var returned: Int64
    }

    /// What the shared bucket gave.
    struct Lease: Hashable, Sendable {
        var granted: Int64
        /// The bucket after that.
        var bucket: TokenBucket
    }

    private var bucket: TokenBucket
    private var held: Int64 = 0
    private var leasedAt: Int64
    /// While the bucket is known to be empty.
    private var pause: Range<Int64>?

    /// Nothing held, and nothing known of the bucket.
    init(perMinute: Int, at now: Int64) {
        bucket = TokenBucket(perMinute: perMinute, at: now)
        leasedAt = now
    }

    /// Decides on a request; nil when the shared bucket must be asked.
    mutating func take(perMinute: Int, at now: Int64) -> RateLimitVerdict? {
        changeLimit(perMinute: perMinute, at: now)
        bucket.refill(at: now)
        if held > 0, isFresh(at: now) {
            held -= 1
            return bucket.verdict(isAdmitted: true, retryAfterMilliseconds: 0, extra: held)
        }
        if let pause, pause.contains(now) {
            return bucket.verdict(isAdmitted: false, retryAfterMilliseconds: pause.upperBound - now)
        }
        return nil
    }

    /// What to ask of the shared bucket for so many requests that wait. A few more tokens are asked for than are needed
    /// now, a fiftieth of a minute's.
    mutating func order(waiting: Int) -> Order {
        defer { held = 0 }
        return Order(wanted: max(bucket.perMinute / 50, Int64(waiting), 1), returned: held)
    }

    mutating func receive(_ lease: Lease, of order: Order, at now: Int64) {
        held = lease.granted
        leasedAt = now
        bucket = lease.bucket
        guard lease.granted < order.wanted else {
            pause = nil
            return
        }
        let due = max(1, bucket.perMinute / Self.asksPerMinuteMax)
        pause = now..<now + max(1, bucket.milliseconds(untilTokens: due))
    }

    /// How the key stands as far as this process knows, with nothing taken.
    func standing(perMinute: Int, at now: Int64) -> RateLimitVerdict {
        var copy = self
        copy.changeLimit(perMinute: perMinute, at: now)
        copy.bucket.refill(at: now)
        return copy.bucket.verdict(isAdmitted: true, retryAfterMilliseconds: 0, extra: copy.held)
    }

    /// Whether forgetting this loses nothing that matters: a minute after the last lease every bucket is full.
    func isSpare(at now: Int64) -> Bool {
        !(0..<TokenBucket.millisecondsPerMinute).contains(now - leasedAt)
    }

    private func isFresh(at now: Int64) -> Bool {
        // A clock that was set back makes no token live longer.
        (0..<Self.lifetimeMilliseconds).contains(now - leasedAt)
    }

    private mutating func changeLimit(perMinute: Int, at now: Int64) {
        guard bucket.perMinute != perMinute else { return }
        bucket.changeLimit(perMinute: perMinute, at: now)
        pause = nil
    }
}
