import Testing

@testable import Accounts

struct TokenBucketsTests {
    private let clock = TestClock()

    private func buckets(countMax: Int) -> TokenBuckets<Int> {
        TokenBuckets(countMax: countMax) { [clock] in clock.now }
    }

    @Test func `every key has a bucket of its own`() {
        let buckets = buckets(countMax: 10)
        #expect(buckets.take(1, perMinute: 1).isAdmitted)
        #expect(!buckets.take(1, perMinute: 1).isAdmitted)
        #expect(buckets.take(2, perMinute: 1).isAdmitted)
    }

    @Test func `looking at a bucket takes nothing and remembers nothing`() {
        let buckets = buckets(countMax: 10)
        for _ in 0..<3 { #expect(buckets.standing(1, perMinute: 2).remaining == 2) }
        #expect(buckets.count == 0)
        _ = buckets.take(1, perMinute: 2)
        for _ in 0..<3 { #expect(buckets.standing(1, perMinute: 2).remaining == 1) }
        clock.advance(by: 30_000)
        #expect(buckets.standing(1, perMinute: 2).remaining == 2)
    }

    @Test func `full buckets are forgotten to make room, others are kept`() {
        let buckets = buckets(countMax: 100)
        for key in 0..<99 { _ = buckets.take(key, perMinute: 60) }
        clock.advance(by: 59_000)
        for _ in 0..<60 { _ = buckets.take(1000, perMinute: 60) }
        _ = buckets.take(1001, perMinute: 60)
        #expect(buckets.count == 2)
        #expect(!buckets.take(1000, perMinute: 60).isAdmitted)
    }

    @Test func `there are never more buckets than allowed, whoever comes`() {
        let buckets = buckets(countMax: 100)
        for key in 0..<10_000 {
            #expect(buckets.take(key, perMinute: 1).isAdmitted)
            #expect(buckets.count <= 100)
        }
    }
}
