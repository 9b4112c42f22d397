import TestSupport
import Testing

@testable import Inference

struct RetryPolicyTests {
    private let policy = RetryPolicy(backoffMillisecondsMin: 100, backoffMillisecondsMax: 1_000)

    @Test func `a target that was not tried yet is tried at once`() {
        var generator = SeededGenerator(seed: 1)
        #expect(policy.delayMilliseconds(afterTurns: 0, using: &generator) == 0)
    }

    @Test(arguments: [(1, 100), (2, 200), (3, 400), (4, 800), (5, 1_000), (6, 1_000), (64, 1_000), (1_000, 1_000)])
    func `waits are spread over the whole of a range that doubles up to a limit`(turns: Int, bound: Int64) {
        var generator = SeededGenerator(seed: UInt64(turns))
        let waits = (0..<2_000).map { _ in policy.delayMilliseconds(afterTurns: turns, using: &generator) }
        #expect(waits.allSatisfy { (0...bound).contains($0) })
        #expect(waits.contains { $0 < bound / 10 })
        #expect(waits.contains { $0 > bound * 9 / 10 })
    }
}
