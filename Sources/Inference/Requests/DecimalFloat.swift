/// Reads JSON numbers as 32-bit floats, each rounded once.
enum DecimalFloat {
    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    /// The float that is nearest to a number that a cursor has stepped over; nil if it is too large for one.
    static func read(_ number: Range<Int>, of bytes: RawSpan) -> Float? {
        if let quick = readQuickly(number, of: bytes) { return quick }
        let text = String(decoding: bytes.copy(of: number), as: UTF8.self)
        guard let exact = Float(text), exact.isFinite else { return nil }
        return exact
    }

    /// Up to 19 digits and a small power of ten are two numbers that a `Double` holds nearly or wholly, so that their
    /// product or quotient is off by at most a few units of its last place. Unless that is next to the middle between
    /// two floats, it rounds to the same float as the number itself. Nil where this does not decide.
    private static func readQuickly(_ number: Range<Int>, of bytes: RawSpan) -> Float? {
        var digits: UInt64 = 0
        var digitCount = 0
        var fractionCount = 0
        var isFraction = false
        var offset = number.lowerBound
        let isNegative = bytes.byte(at: offset) == UInt8(ascii: "-")
        if isNegative { offset += 1 }
        while offset < number.upperBound {
            let byte = bytes.byte(at: offset)
            if byte.isDigit {
                digits = digits &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
                digitCount += digits == 0 ? 0 : 1
                fractionCount += isFraction ? 1 : 0
            } else if byte == UInt8(ascii: ".") {
                isFraction = true
            } else {
                break
            }
            offset += 1
        }
        guard digitCount <= 19, let exponent = exponent(offset..<number.upperBound, of: bytes) else { return nil }
        let power = exponent - fractionCount
        guard abs(power) < powersOfTen.count else { return nil }
        let magnitude = power < 0 ? Double(digits) / powersOfTen[-power] : Double(digits) * powersOfTen[power]
        guard digits == 0 || isDecided(magnitude) else { return nil }
        return Float(isNegative ? -magnitude : magnitude)
    }

    /// The number behind an `e`, of at most three digits; 0 if there is nothing.
    private static func exponent(_ range: Range<Int>, of bytes: RawSpan) -> Int? {
        guard !range.isEmpty else { return 0 }
        var offset = range.lowerBound + 1
        let sign = bytes.byte(at: offset)
        if !sign.isDigit { offset += 1 }
        guard range.upperBound - offset <= 3 else { return nil }
        var exponent = 0
        while offset < range.upperBound {
            exponent = exponent * 10 + Int(bytes.byte(at: offset) - UInt8(ascii: "0"))
            offset += 1
        }
        return sign == UInt8(ascii: "-") ? -exponent : exponent
    }

    /// Whether a number in the normal range of `Float` stays clear of the middle between two floats: of the 29 bits
    /// that rounding drops, the middle has the first one alone.
    private static func isDecided(_ value: Double) -> Bool {
        guard value >= Double(Float.leastNormalMagnitude), value < Double(Float.greatestFiniteMagnitude) else {
            return false
        }
        let dropped = value.bitPattern & 0x1FFF_FFFF
        return dropped.distance(to: 0x1000_0000).magnitude > 16
    }
}
