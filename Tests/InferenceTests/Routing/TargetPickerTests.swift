import TestSupport
import Testing

@testable import Inference

struct TargetPickerTests {
    private func targets(_ weights: Int...) -> [Route.Target] {
        weights.map { Route.Target(provider: "p", weight: $0) }
    }

    private func pick(_ targets: [Route.Target], tried: [Int] = [], closed: Set<Int> = [], seed: UInt64 = 1) -> Int? {
        var generator = SeededGenerator(seed: seed)
        return TargetPicker.pick(from: targets, tried: tried, using: &generator) { !closed.contains($0) }
    }

    @Test func `first attempts are spread by weight`() {
        let targets = targets(1, 3, 0, 4)
        var generator = SeededGenerator(seed: 3)
        var counts = [0, 0, 0, 0]
        for _ in 0..<8_000 {
            if let pick = TargetPicker.pick(from: targets, tried: [], using: &generator, mayCall: { _ in true }) {
                counts[pick] += 1
            }
        }
        #expect((850...1_150).contains(counts[0]))
        #expect((2_800...3_200).contains(counts[1]))
        #expect(counts[2] == 0)
        #expect((3_800...4_200).contains(counts[3]))
    }

    @Test func `only targets that may be called are drawn`() {
        for seed in 0..<100 {
            #expect(pick(targets(5, 1, 5), closed: [0, 2], seed: UInt64(seed)) == 1)
        }
    }

    @Test func `a target of weight 0 starts a call when no other is healthy`() {
        #expect(pick(targets(1, 0, 0), closed: [0]) == 1)
        #expect(pick(targets(1, 0, 0), closed: [0, 1]) == 2)
        #expect(pick(targets(1, 0, 0), closed: [0, 1, 2]) == nil)
    }

    @Test func `the largest weights don't overflow`() {
        #expect(pick(targets(.max, .max, .max)) != nil)
    }

    @Test func `fallbacks come in their order, whatever their weights`() {
        let targets = targets(1, 9, 0, 9)
        #expect(pick(targets, tried: [1]) == 0)
        #expect(pick(targets, tried: [1, 0]) == 2)
        #expect(pick(targets, tried: [1, 0, 2]) == 3)
        #expect(pick(targets, tried: [1], closed: [0]) == 2)
    }

    @Test func `when all were tried the turn goes around`() {
        let targets = targets(1, 1, 1)
        #expect(pick(targets, tried: [1, 0, 2]) == 1)
        #expect(pick(targets, tried: [1, 0, 2, 1]) == 0)
        #expect(pick(targets, tried: [1, 0, 2], closed: [1]) == 0)
        #expect(pick(targets, tried: [0, 0, 1], closed: [2]) == 1)
    }
}
