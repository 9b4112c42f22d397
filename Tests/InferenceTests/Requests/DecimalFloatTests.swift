import TestSupport
import Testing

@testable import Inference

@Suite struct DecimalFloatTests {
    @Test(arguments: [
        "0", "-0", "0.0", "-0.0e5", "1", "-1.5", "0.1", "16777217", "16777219", "1e10", "1E+22", "1e-22",
        "123456789012345678901",
        "3.4028235e38", "1.1754944e-38", "1e-45", "7e-46", "1e-400", "0.000000000000000000000000000000000000000000001",
        "1.00000005960464477539", "1.000000059604644775390625", "1.00000005960464477539062500001", "1.0000000596046448",
        "1.00000017881393432617", "1.000000178813934326171875", "0.30000001192092896", "9007199791611905", "1e0000",
        "340282356779733661637539395458142568447",
    ])
    func `a number becomes the float that is nearest to it`(text: String) {
        #expect(read(text)?.bitPattern == Float(text)?.bitPattern)
    }

    @Test(arguments: ["3.4028236e38", "1e39", "-1e39", "1e400", "340282356779733661637539395458142568448"])
    func `a number beyond the largest float is none`(text: String) {
        #expect(read(text) == nil)
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `it agrees with the standard library`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let text = number(using: &random)
            let expected = Float(text).flatMap { $0.isFinite ? $0 : nil }
            #expect(read(text)?.bitPattern == expected?.bitPattern, "seed \(seed): \(text)")
        }
    }

    /// Some are plain, some next to the middle between two floats, where rounding twice goes wrong.
    private func number(using random: inout SeededGenerator) -> String {
        let float = Float(bitPattern: UInt32.random(in: 0x2000_0000...0x5F00_0000, using: &random))
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return "\(Double.random(in: -1...1, using: &random))"
        case 1: return "\(float)"
        case 2: return "\((Double(float) + Double(float.nextUp)) / 2)"
        default:
            let middle = (Double(float) + Double(float.nextUp)) / 2
            return "\(Bool.random(using: &random) ? middle.nextUp : middle.nextDown)"
        }
    }

    private func read(_ text: String) -> Float? {
        Array(text.utf8).withRawBytes { DecimalFloat.read(0..<$0.byteCount, of: $0) }
    }
}
