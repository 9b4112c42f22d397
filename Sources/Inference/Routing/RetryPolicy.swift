/// How long a call waits before a target is tried again.
///
/// A target that was not tried yet is tried at once. One that was waits for a random time between nothing and a bound
/// that doubles with every turn ("full jitter"), so that calls that failed together don't come back together.
/// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
struct RetryPolicy: Sendable {
    var backoffMillisecondsMin: Int64 = 100
    var backoffMillisecondsMax: Int64 = 5_000
    /// A call waits for a target that said `Retry-After` no longer than this.
    var retryAfterMillisecondsMax: Int64 = 10_000

    /// - Parameter turns: How often the call has tried this target.
    func delayMilliseconds(afterTurns turns: Int, using generator: inout some RandomNumberGenerator) -> Int64 {
        guard turns > 0 else { return 0 }
        let doublings = min(turns - 1, 32)
        let bound = min(backoffMillisecondsMin << Int64(doublings), backoffMillisecondsMax)
        return Int64.random(in: 0...bound, using: &generator)
    }
}
