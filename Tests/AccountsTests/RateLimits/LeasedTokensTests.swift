import Testing

@testable import Accounts

struct LeasedTokensTests {
    /// A process on a shared bucket, with no database between them.
    private struct Process {
        var tokens: LeasedTokens
        var leases = 0
        let perMinute: Int

        init(perMinute: Int, at now: Int64) {
            self.perMinute = perMinute
            tokens = LeasedTokens(perMinute: perMinute, at: now)
        }

        mutating func take(from bucket: inout TokenBucket, at now: Int64) -> RateLimitVerdict? {
            if let verdict = tokens.take(perMinute: perMinute, at: now) { return verdict }
            leases += 1
            let order = tokens.order(waiting: 1)
            bucket.giveBack(order.returned, at: now)
            let granted = bucket.take(upTo: order.wanted, at: now)
            tokens.receive(LeasedTokens.Lease(granted: granted, bucket: bucket), of: order, at: now)
            return tokens.take(perMinute: perMinute, at: now)
        }
    }

    /// How many of a flood of requests two processes admit in so many milliseconds.
    private func flood(
        _ processes: inout [Process], _ bucket: inout TokenBucket, _ times: StrideTo<Int64>
    ) -> Int {
        var count = 0
        for now in times {
            for index in processes.indices {
                while processes[index].take(from: &bucket, at: now)?.isAdmitted == true { count += 1 }
            }
        }
        return count
    }

    @Test(arguments: [1, 10, 60, 120, 1000, 30_000], [1, 2, 8])
    func `a flood through several processes is admitted at the limit`(perMinute: Int, processCount: Int) {
        var bucket = TokenBucket(perMinute: perMinute, at: 0)
        var processes = (0..<processCount).map { _ in Process(perMinute: perMinute, at: 0) }
        let burst = flood(&processes, &bucket, stride(from: 0, to: 1, by: 1))
        #expect(burst == perMinute)
        let later = flood(&processes, &bucket, stride(from: 1, to: 300_001, by: 10))
        #expect(abs(later - 5 * perMinute) <= max(1, perMinute / 10))
    }

    @Test(arguments: [60, 120, 1000, 10_000])
    func `one process that stays just below the limit is never refused, beside idle ones`(perMinute: Int) {
        var bucket = TokenBucket(perMinute: perMinute, at: 0)
        var idle = Process(perMinute: perMinute, at: 0)
        _ = idle.take(from: &bucket, at: 0)
        var busy = Process(perMinute: perMinute, at: 0)
        var count = 0
        for now in stride(from: Int64(0), to: 600_000, by: 1) where now * Int64(perMinute) / 60_000 >= count {
            #expect(busy.take(from: &bucket, at: now)?.isAdmitted == true)
            count += 1
        }
        #expect(count == 10 * perMinute)
    }

    @Test func `a request a second uses up no more than itself`() {
        var bucket = TokenBucket(perMinute: 1000, at: 0)
        var process = Process(perMinute: 1000, at: 0)
        for now in stride(from: Int64(0), to: 600_000, by: 1000) {
            #expect(process.take(from: &bucket, at: now)?.isAdmitted == true)
        }
        #expect(bucket.tokens >= 979)
    }

    @Test func `a refused flood asks the shared bucket seldom`() {
        for perMinute in [1, 60, 1000, 1_000_000] {
            var bucket = TokenBucket(perMinute: perMinute, at: 0)
            _ = bucket.take(upTo: .max, at: 0)
            var process = Process(perMinute: perMinute, at: 0)
            _ = process.take(from: &bucket, at: 0)
            process.leases = 0
            for now in Int64(0)..<60_000 {
                while process.take(from: &bucket, at: now)?.isAdmitted == true {}
            }
            #expect(process.leases <= min(perMinute, 600) * 2)
        }
    }

    @Test func `whoever is refused sees nothing remaining, also while tokens gather for the next time`() throws {
        var bucket = TokenBucket(perMinute: 60_000, at: 0)
        var process = Process(perMinute: 60_000, at: 0)
        while process.take(from: &bucket, at: 0)?.isAdmitted == true {}
        let refusal = try #require(process.take(from: &bucket, at: 50))
        #expect(!refusal.isAdmitted && refusal.remaining == 0 && refusal.retryAfterMilliseconds == 50)
        #expect(process.take(from: &bucket, at: 100)?.remaining == 99)
    }

    @Test func `whoever waits as long as told is admitted`() throws {
        var bucket = TokenBucket(perMinute: 7, at: 0)
        var process = Process(perMinute: 7, at: 0)
        while process.take(from: &bucket, at: 0)?.isAdmitted == true {}
        let refusal = try #require(process.take(from: &bucket, at: 3))
        #expect(refusal.retryAfterMilliseconds == 8569)
        #expect(process.take(from: &bucket, at: 8571)?.isAdmitted == false)
        #expect(process.take(from: &bucket, at: 8572)?.isAdmitted == true)
    }

    @Test func `leased tokens lapse after a second and are given back`() {
        var tokens = LeasedTokens(perMinute: 500, at: 0)
        let order = tokens.order(waiting: 1)
        #expect(order == LeasedTokens.Order(wanted: 10, returned: 0))
        let lease = LeasedTokens.Lease(granted: 10, bucket: TokenBucket(perMinute: 500, at: 0))
        tokens.receive(lease, of: order, at: 0)
        #expect(tokens.take(perMinute: 500, at: 999)?.isAdmitted == true)
        #expect(tokens.take(perMinute: 500, at: 1000) == nil)
        #expect(tokens.order(waiting: 25) == LeasedTokens.Order(wanted: 25, returned: 9))
    }

    @Test func `a clock set back leaves nothing leased and nobody refused for longer`() {
        var tokens = LeasedTokens(perMinute: 1, at: 1_000_000)
        let order = tokens.order(waiting: 1)
        var empty = TokenBucket(perMinute: 1, at: 1_000_000)
        _ = empty.take(upTo: 1, at: 1_000_000)
        tokens.receive(LeasedTokens.Lease(granted: 0, bucket: empty), of: order, at: 1_000_000)
        #expect(tokens.take(perMinute: 1, at: 1_059_999)?.isAdmitted == false)
        #expect(tokens.take(perMinute: 1, at: 999_999) == nil)
        tokens.receive(LeasedTokens.Lease(granted: 1, bucket: empty), of: order, at: 1_000_000)
        #expect(tokens.take(perMinute: 1, at: 999_999) == nil)
    }

    @Test func `a raised limit counts at once, also while the bucket is empty`() {
        var tokens = LeasedTokens(perMinute: 1, at: 0)
        let order = tokens.order(waiting: 1)
        var empty = TokenBucket(perMinute: 1, at: 0)
        _ = empty.take(upTo: 1, at: 0)
        tokens.receive(LeasedTokens.Lease(granted: 0, bucket: empty), of: order, at: 0)
        #expect(tokens.take(perMinute: 1, at: 1)?.isAdmitted == false)
        #expect(tokens.take(perMinute: 600, at: 1) == nil)
    }
}
