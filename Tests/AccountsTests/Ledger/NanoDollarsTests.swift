import TestSupport
import Testing

@testable import Accounts

struct NanoDollarsTests {
    @Test(arguments: [
        (0, 0), (4_999_999, 0), (5_000_000, 1), (14_999_999, 1), (15_000_000, 2), (-1, 0), (-5_000_000, 0),
        (-5_000_001, -1), (-15_000_000, -1), (-15_000_001, -2), (.max, 922_337_203_685), (.min, -922_337_203_685),
    ])
    func `a half cent is rounded up, also below zero`(value: Int64, cents: Int64) {
        #expect(NanoDollars(value).roundedCents == cents)
    }

    @Test func `rounding agrees with counting from below`() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<10_000 {
            let value =
                Int64.random(in: .min ... .max, using: &generator) >> Int64.random(in: 0...40, using: &generator)
            // Adding a number of cents that makes everything positive, and taking it away again.
            let offset: Int128 = 1_000_000_000_000
            let cents = (Int128(value) + offset * 10_000_000 + 5_000_000) / 10_000_000 - offset
            #expect(NanoDollars(value).roundedCents == Int64(cents), "\(value)")
        }
    }

    @Test(arguments: [
        (0, "0"), (1, "0.000000001"), (1_234_567, "0.001234567"), (12_500_000_000, "12.5"), (-500_000_000, "-0.5"),
        (7_000_000_000, "7"), (.max, "9223372036.854775807"), (.min, "-9223372036.854775808"),
    ])
    func `dollars are written exactly and without needless zeros`(value: Int64, text: String) {
        #expect(NanoDollars(value).decimalText == text)
    }

    @Test func `amounts out of range are refused`() throws {
        #expect(try NanoDollars(cents: -3).value == -30_000_000)
        #expect(throws: AccountsError(.invalidAmount, "")) { try NanoDollars(cents: .max / 1_000) }
        #expect(throws: AccountsError(.invalidAmount, "")) { try NanoDollars(.max).adding(NanoDollars(1)) }
        #expect(throws: AccountsError(.invalidAmount, "")) { try NanoDollars(.min).subtracting(NanoDollars(1)) }
    }
}
