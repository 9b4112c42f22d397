/// Hexadecimal digits, as OTLP/JSON writes ids.
package enum Hexadecimal {
    /// The lowercase digit of a value below 16.
    static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
    }

    /// The value of a digit of either case, or nil.
    static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// The integer written by exactly 16 digits, or nil.
    static func uint64(_ digits: some Sequence<UInt8>) -> UInt64? {
        var result: UInt64 = 0
        var count = 0
        for digit in digits {
            guard count < 16, let value = value(digit) else { return nil }
            result = result << 4 | UInt64(value)
            count += 1
        }
        return count == 16 ? result : nil
    }

    /// Whether the text consists of pairs of digits.
    static func isBytes(_ text: RawSpan) -> Bool {
        guard text.byteCount % 2 == 0 else { return false }
        for offset in 0..<text.byteCount where value(text.byte(at: offset)) == nil {
            return false
        }
        return true
    }

    /// The byte that two digits make; anything else counts as the digit 0.
    static func byte(at offset: Int, of text: RawSpan) -> UInt8 {
        (value(text.byte(at: offset)) ?? 0) << 4 | (value(text.byte(at: offset + 1)) ?? 0)
    }

    /// The sixteen lowercase digits of `value`.
    package static func string(_ value: UInt64) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity(16)
        append(value, to: &digits)
        return String(decoding: digits, as: UTF8.self)
    }

    /// Sixteen lowercase digits for each of these.
    static func string(_ values: InlineArray<2, UInt64>) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity(32)
        for index in values.indices { append(values[index], to: &digits) }
        return String(decoding: digits, as: UTF8.self)
    }

    /// Two lowercase digits for each byte.
    package static func string(_ bytes: [UInt8]) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity(2 * bytes.count)
        for byte in bytes {
            digits.append(digit(byte >> 4))
            digits.append(digit(byte & 0xF))
        }
        return String(decoding: digits, as: UTF8.self)
    }

    private static func append(_ value: UInt64, to digits: inout [UInt8]) {
        var shift: UInt64 = 64
        while shift > 0 {
            shift -= 4
            digits.append(digit(UInt8(truncatingIfNeeded: value >> shift & 0xF)))
        }
    }
}
