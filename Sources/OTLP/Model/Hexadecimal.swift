/// Hexadecimal digits, as OTLP/JSON writes ids.
enum Hexadecimal {
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
    static func string(_ value: UInt64) -> String {
        let digits = stride(from: 60, through: 0, by: -4).map { shift in digit(UInt8(value >> UInt64(shift) & 0xF)) }
        return String(decoding: digits, as: UTF8.self)
    }
}
