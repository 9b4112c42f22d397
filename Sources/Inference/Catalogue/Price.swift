/// A price in US dollars for one unit of something, held exactly in pico-dollars, 10⁻¹² $.
package struct Price: Hashable, Sendable {
    /// Never negative.
    package let picoDollars: Int64

    private static let fractionDigitCountMax = 12
    private static let picoDollarsPerDollar: UInt64 = 1_000_000_000_000

    /// - Precondition: A price is not negative.
    package init(picoDollars: Int64) {
        precondition(picoDollars >= 0, "a price is not negative")
        self.picoDollars = picoDollars
    }

    /// Reads plain decimal notation such as `0.02`, without loss.
    ///
    /// Nil for anything else, for a price finer than a pico-dollar, and for one of 9.2 million dollars or more.
    package init?(decimalText: String) {
        let parts = decimalText.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty, parts.count <= 2, parts.last?.isEmpty == false else {
            return nil
        }
        var fraction = parts.count == 2 ? Array(parts[1]) : []
        while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
        guard fraction.count <= Self.fractionDigitCountMax else { return nil }
        let zeros = repeatElement(UInt8(ascii: "0"), count: Self.fractionDigitCountMax - fraction.count)
        var value: Int64 = 0
        for character in Array(whole) + fraction + zeros {
            guard let digit = Self.digit(character), let next = Self.appending(digit, to: value) else { return nil }
            value = next
        }
        picoDollars = value
    }

    /// Dollars as an exact decimal number without needless zeros: `0`, `12.5`, `0.000000000001`.
    package var decimalText: String {
        DecimalDollars.text(UInt64(picoDollars), perDollar: Self.picoDollarsPerDollar)
    }

    private static func digit(_ character: UInt8) -> Int64? {
        let value = Int64(character) - Int64(UInt8(ascii: "0"))
        return (0...9).contains(value) ? value : nil
    }

    private static func appending(_ digit: Int64, to value: Int64) -> Int64? {
        let (product, overflowsProduct) = value.multipliedReportingOverflow(by: 10)
        let (sum, overflowsSum) = product.addingReportingOverflow(digit)
        return overflowsProduct || overflowsSum ? nil : sum
    }
}
