package import Database

/// An amount of money in nano-dollars, 10⁻⁹ $, which may be negative. A cent is 10⁷ of them.
///
/// Sums that leave the range of 64 bits, about ±9.2 billion dollars, are refused with `invalidAmount`.
package struct NanoDollars: Hashable, Sendable {
    package let value: Int64

    package static let zero = NanoDollars(0)
    static let max = NanoDollars(.max)
    static let perCent: Int64 = 10_000_000
    private static let perDollar: UInt64 = 1_000_000_000

    package init(_ value: Int64) {
        self.value = value
    }

    /// - Throws: `invalidAmount` if so many cents are out of range.
    package init(cents: Int64) throws(AccountsError) {
        let (value, hasOverflowed) = cents.multipliedReportingOverflow(by: Self.perCent)
        guard !hasOverflowed else { throw Self.outOfRange }
        self.value = value
    }

    /// Whole cents, a half rounded up, also below zero: 5 000 000 makes 1 and −5 000 000 makes 0.
    package var roundedCents: Int64 {
        var cents = value / Self.perCent
        var rest = value % Self.perCent
        if rest < 0 {
            cents -= 1
            rest += Self.perCent
        }
        return rest * 2 >= Self.perCent ? cents + 1 : cents
    }

    /// Dollars as an exact decimal number without needless zeros: `0`, `12.5`, `-0.000000001`.
    package var decimalText: String {
        let (dollars, rest) = value.magnitude.quotientAndRemainder(dividingBy: Self.perDollar)
        var text = (value < 0 ? "-" : "") + String(dollars)
        if rest > 0 {
            // A leading 1 keeps the zeros after the point.
            var digits = String(Self.perDollar + rest).dropFirst()
            while digits.last == "0" { digits.removeLast() }
            text += "." + digits
        }
        return text
    }

    func adding(_ other: NanoDollars) throws(AccountsError) -> NanoDollars {
        let (sum, hasOverflowed) = value.addingReportingOverflow(other.value)
        guard !hasOverflowed else { throw Self.outOfRange }
        return NanoDollars(sum)
    }

    func subtracting(_ other: NanoDollars) throws(AccountsError) -> NanoDollars {
        let (difference, hasOverflowed) = value.subtractingReportingOverflow(other.value)
        guard !hasOverflowed else { throw Self.outOfRange }
        return NanoDollars(difference)
    }

    private static var outOfRange: AccountsError { AccountsError(.invalidAmount, "the amount is out of range") }
}

extension NanoDollars: Comparable {
    package static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}

extension NanoDollars: SQLEncodable, SQLDecodable {
    package var sqlValue: SQLValue { value.sqlValue }

    package init?(sqlValue: SQLValue) {
        guard let value = Int64(sqlValue: sqlValue) else { return nil }
        self.value = value
    }
}
