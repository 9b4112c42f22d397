/// A bucket of as many tokens as requests are allowed a minute, refilled evenly: a burst may empty it, and from then on
/// requests go on at the even rate.
///
/// Counting is exact, in 60,000ths of a token: with a limit of n a minute, n of them arrive every millisecond. Times are
/// milliseconds of any one clock. A clock that is set back neither fills the bucket nor stops it from filling.
package struct TokenBucket: Hashable, Sendable {
    static let millisecondsPerMinute: Int64 = 60_000
    /// What the level is counted in.
    static let unitsPerToken: Int64 = 60_000

    private(set) var perMinute: Int64
    /// Units left at `updatedAt`, at most the capacity.
    private(set) var level: Int64
    private(set) var updatedAt: Int64

    /// A full bucket.
    package init(perMinute: Int, at now: Int64) {
        self.init(perMinute: perMinute, level: .max, updatedAt: now)
    }

    /// A bucket as it was found; what does not fit in it is spilt.
    init(perMinute: Int, level: Int64, updatedAt: Int64) {
        self.perMinute = max(1, Int64(perMinute))
        self.level = min(max(0, level), self.perMinute * Self.unitsPerToken)
        self.updatedAt = updatedAt
    }

    private var capacity: Int64 { perMinute * Self.unitsPerToken }

    /// Whole tokens, as of the last call that said the time.
    var tokens: Int64 { level / Self.unitsPerToken }

    var isFull: Bool { level == capacity }

    /// Takes one token if there is one.
    package mutating func take(at now: Int64) -> RateLimitVerdict {
        let isAdmitted = take(upTo: 1, at: now) == 1
        return verdict(isAdmitted: isAdmitted, retryAfterMilliseconds: isAdmitted ? 0 : milliseconds(untilTokens: 1))
    }

    /// Takes as many tokens as there are, `count` at most; returns how many.
    mutating func take(upTo count: Int64, at now: Int64) -> Int64 {
        refill(at: now)
        let taken = min(count, tokens)
        level -= taken * Self.unitsPerToken
        return taken
    }

    /// Puts tokens back that were taken and not used.
    mutating func giveBack(_ count: Int64, at now: Int64) {
        refill(at: now)
        level = min(capacity, level + count * Self.unitsPerToken)
    }

    mutating func refill(at now: Int64) {
        let elapsed = min(max(0, now - updatedAt), Self.millisecondsPerMinute)
        level = min(capacity, level + elapsed * perMinute)
        updatedAt = now
    }

    /// Goes on with another limit. What is left stays, as far as it fits.
    mutating func changeLimit(perMinute: Int, at now: Int64) {
        refill(at: now)
        self = TokenBucket(perMinute: perMinute, level: level, updatedAt: updatedAt)
    }

    /// From the last call that said the time until there are so many whole tokens; at most the limit.
    func milliseconds(untilTokens count: Int64) -> Int64 {
        milliseconds(toGain: count * Self.unitsPerToken - level)
    }

    /// How the bucket stands as of the last call that said the time.
    ///
    /// - Parameter extra: Tokens that were taken out already and can be used all the same.
    func verdict(isAdmitted: Bool, retryAfterMilliseconds: Int64, extra: Int64 = 0) -> RateLimitVerdict {
        let total = min(capacity, level + extra * Self.unitsPerToken)
        return RateLimitVerdict(
            isAdmitted: isAdmitted,
            limit: Int(perMinute),
            remaining: isAdmitted ? Int(total / Self.unitsPerToken) : 0,
            resetMilliseconds: milliseconds(toGain: capacity - total),
            retryAfterMilliseconds: retryAfterMilliseconds)
    }

    private func milliseconds(toGain units: Int64) -> Int64 {
        units <= 0 ? 0 : (units + perMinute - 1) / perMinute
    }
}
