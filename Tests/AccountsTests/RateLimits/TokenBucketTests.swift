import Testing

@testable import Accounts

struct TokenBucketTests {
    private func takeAll(_ bucket: inout TokenBucket, at now: Int64) -> Int {
        var count = 0
        while bucket.take(at: now).isAdmitted { count += 1 }
        return count
    }

    @Test(arguments: [1, 2, 7, 60, 120, 1000, 1_000_000])
    func `a burst gets as many as the limit, and a minute later as many again`(perMinute: Int) {
        var bucket = TokenBucket(perMinute: perMinute, at: 5000)
        #expect(takeAll(&bucket, at: 5000) == perMinute)
        #expect(takeAll(&bucket, at: 64_999) == perMinute - (perMinute >= 60_000 ? perMinute / 60_000 + 1 : 1))
        bucket = TokenBucket(perMinute: perMinute, at: 5000)
        _ = takeAll(&bucket, at: 5000)
        #expect(takeAll(&bucket, at: 65_000) == perMinute)
        #expect(takeAll(&bucket, at: 10_000_000) == perMinute)
    }

    @Test(arguments: [1, 7, 59, 60, 61, 120, 999])
    func `a flood goes on at the even rate, to the token`(perMinute: Int) {
        var bucket = TokenBucket(perMinute: perMinute, at: 0)
        _ = takeAll(&bucket, at: 0)
        var count = 0
        for now in Int64(1)...120_000 { count += takeAll(&bucket, at: now) }
        #expect(count == 2 * perMinute)
    }

    @Test func `a verdict counts down and says when the bucket is full again`() {
        var bucket = TokenBucket(perMinute: 3, at: 0)
        let verdicts = (0..<4).map { _ in bucket.take(at: 0) }
        #expect(verdicts.map(\.isAdmitted) == [true, true, true, false])
        #expect(verdicts.map(\.remaining) == [2, 1, 0, 0])
        #expect(verdicts.map(\.resetMilliseconds) == [20_000, 40_000, 60_000, 60_000])
        #expect(verdicts.map(\.retryAfterMilliseconds) == [0, 0, 0, 20_000])
        #expect(verdicts.allSatisfy { $0.limit == 3 })
    }

    @Test(arguments: [1, 7, 60, 1000, 100_000])
    func `whoever waits as long as told is admitted, and a moment earlier is not`(perMinute: Int) {
        var bucket = TokenBucket(perMinute: perMinute, at: 0)
        _ = takeAll(&bucket, at: 0)
        let wait = bucket.take(at: 0).retryAfterMilliseconds
        #expect(wait >= 1)
        #expect(!bucket.take(at: wait - 1).isAdmitted)
        #expect(bucket.take(at: wait).isAdmitted)
    }

    @Test func `refused requests cost nothing`() {
        var bucket = TokenBucket(perMinute: 60, at: 0)
        _ = takeAll(&bucket, at: 0)
        for now in Int64(0)..<1000 { #expect(!bucket.take(at: now).isAdmitted) }
        #expect(bucket.take(at: 1000).isAdmitted)
    }

    @Test func `a clock set back neither fills the bucket nor stops it`() {
        var bucket = TokenBucket(perMinute: 60, at: 1_000_000)
        _ = takeAll(&bucket, at: 1_000_000)
        #expect(!bucket.take(at: 0).isAdmitted)
        #expect(!bucket.take(at: 999).isAdmitted)
        #expect(bucket.take(at: 1000).isAdmitted)
    }

    @Test func `another limit keeps what is left as far as it fits`() {
        var bucket = TokenBucket(perMinute: 100, at: 0)
        bucket.changeLimit(perMinute: 10, at: 0)
        #expect(takeAll(&bucket, at: 0) == 10)
        bucket.changeLimit(perMinute: 600, at: 0)
        #expect(takeAll(&bucket, at: 0) == 0)
        #expect(takeAll(&bucket, at: 1000) == 10)
    }
}
