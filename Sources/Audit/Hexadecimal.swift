/// Bytes as lower-case hexadecimal digits; upper case is refused, so that every value has one spelling.
enum Hexadecimal {
    static func encode(_ bytes: [UInt8]) -> String { encode(bytes.span) }

    static func encode(_ bytes: Span<UInt8>) -> String {
        var digits: [UInt8] = []
        append(bytes, to: &digits)
        return String(decoding: digits, as: UTF8.self)
    }

    /// Appends the digits of some bytes.
    static func append(_ bytes: Span<UInt8>, to digits: inout [UInt8]) {
        digits.append(addingCapacity: bytes.count * 2) { sink in
            for index in bytes.indices {
                sink.append(digit(bytes[index] >> 4))
                sink.append(digit(bytes[index] & 0xF))
            }
        }
    }

    /// Puts the digits of some bytes in the place of others.
    static func write(_ bytes: Span<UInt8>, over digits: inout [UInt8], at start: Int) {
        var sink = digits.mutableSpan
        for index in bytes.indices {
            sink[start + 2 * index] = digit(bytes[index] >> 4)
            sink[start + 2 * index + 1] = digit(bytes[index] & 0xF)
        }
    }

    /// Nil unless the text is pairs of lower-case digits and nothing else.
    static func decode(_ text: String) -> [UInt8]? {
        let digits = text.utf8.span
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + (value - 10)
    }

    static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
