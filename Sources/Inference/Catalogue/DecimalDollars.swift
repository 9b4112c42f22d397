/// Writes amounts of money.
enum DecimalDollars {
    /// Dollars as an exact decimal number without needless zeros: `0`, `12.5`, `0.000000000001`.
    ///
    /// - Parameter perDollar: How many of the units that are counted make a dollar: a power of ten.
    static func text(_ amount: UInt64, perDollar: UInt64) -> String {
        let (dollars, rest) = amount.quotientAndRemainder(dividingBy: perDollar)
        guard rest > 0 else { return String(dollars) }
        // A leading 1 keeps the zeros after the point.
        var digits = String(perDollar + rest).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(dollars).\(digits)"
    }
}
