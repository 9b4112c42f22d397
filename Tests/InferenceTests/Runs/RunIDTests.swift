import TestSupport
import Testing

@testable import Inference

struct RunIDTests {
    @Test func `an id is run_ and 24 letters and digits, another one each time`() {
        var generator = SeededGenerator(seed: 1)
        let ids = (0..<1_000).map { _ in RunID.make(using: &generator) }
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { $0.wholeMatch(of: /run_[0-9A-Za-z]{24}/) != nil })
    }

    @Test func `every digit comes at every place`() {
        var generator = SeededGenerator(seed: 2)
        let ids = (0..<5_000).map { _ in Array(RunID.make(using: &generator).utf8.dropFirst(4)) }
        for place in 0..<24 {
            #expect(Set(ids.map { $0[place] }).count == 62)
        }
    }
}
