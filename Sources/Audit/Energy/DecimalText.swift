/// Decimal numbers in text, the same on every machine and in every locale.
enum DecimalText {
    /// A number of millionths with its six digits of fraction: `-0.003746`.
    static func millionths(_ value: Int) -> String {
        text(value, fractionDigits: 6)
    }

    /// A number of hundredths with its two digits of fraction: `458.29`.
    static func hundredths(_ value: Int) -> String {
        text(value, fractionDigits: 2)
    }

    /// A positive number, to the millionth, without zeros at its end: `32.8`, `7`.
    static func shortest(_ value: Double) -> String {
        var digits = millionths(Int((value * 1_000_000).rounded()))[...]
        while digits.last == "0" { digits.removeLast() }
        if digits.last == "." { digits.removeLast() }
        return String(digits)
    }

    private static func text(_ value: Int, fractionDigits: Int) -> String {
        var reversed: [UInt8] = []
        reversed.reserveCapacity(24)
        var rest = value.magnitude
        while rest > 0 || reversed.count < fractionDigits + 2 {
            if reversed.count == fractionDigits { reversed.append(UInt8(ascii: ".")) }
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            reversed.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit))
            rest = quotient
        }
        if value < 0 { reversed.append(UInt8(ascii: "-")) }
        reversed.reverse()
        return String(decoding: reversed, as: UTF8.self)
    }
}
