import Inference
import TestSupport
import Testing

struct PriceTests {
    @Test(arguments: [
        ("0", 0), ("0.02", 20_000_000_000), ("12.5", 12_500_000_000_000), ("0.000000000001", 1),
        ("007.10", 7_100_000_000_000), ("3.0000000000000000", 3_000_000_000_000),
        ("9223372.036854775807", Int64.max),
    ])
    func `a price is read without loss`(text: String, picoDollars: Int64) throws {
        #expect(try #require(Price(decimalText: text)).picoDollars == picoDollars)
    }

    @Test(arguments: [
        "", ".", ".5", "5.", "1.2.3", "-1", "+1", "1e3", " 1", "1,5", "0x1", "٣", "0.0000000000001",
        "9223372.036854775808", "99999999999999999999",
    ])
    func `what is no price is refused`(text: String) {
        #expect(Price(decimalText: text) == nil)
    }

    @Test func `a price reads back as it was written`() throws {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<1000 {
            let digits = Int.random(in: 0...62, using: &generator)
            let price = Price(picoDollars: Int64.random(in: 0...Int64.max, using: &generator) >> digits)
            #expect(Price(decimalText: price.decimalText) == price)
        }
        #expect(Price(picoDollars: 0).decimalText == "0")
        #expect(Price(picoDollars: 20_000_000_000).decimalText == "0.02")
        #expect(Price(picoDollars: 100_000_000_000_000).decimalText == "100")
    }
}
