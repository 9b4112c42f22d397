/// Base64, as protobuf's JSON mapping writes and reads bytes. https://www.rfc-editor.org/rfc/rfc4648
enum Base64 {
    /// Appends the standard alphabet's characters, with padding.
    static func encode(_ value: RawSpan, to text: inout [UInt8]) {
        for start in stride(from: 0, to: value.byteCount, by: 3) {
            let count = min(3, value.byteCount - start)
            var bits: UInt32 = 0
            for offset in 0..<3 {
                bits = bits << 8 | (offset < count ? UInt32(value.byte(at: start + offset)) : 0)
            }
            for index in 0..<4 {
                let sextet = UInt8(truncatingIfNeeded: bits >> UInt32(18 - 6 * index) & 0x3F)
                text.append(index <= count ? character(sextet) : UInt8(ascii: "="))
            }
        }
    }

    /// The bytes behind standard or URL-safe characters, with or without padding; nil if it is neither.
    static func decode(_ text: RawSpan) -> [UInt8]? {
        var end = text.byteCount
        var paddingCount = 0
        while end > 0, text.byte(at: end - 1) == UInt8(ascii: "="), paddingCount < 2 {
            end -= 1
            paddingCount += 1
        }
        guard end % 4 != 1, paddingCount == 0 || (end + paddingCount) % 4 == 0 else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(end / 4 * 3 + 2)
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for offset in 0..<end {
            guard let sextet = value(text.byte(at: offset)) else { return nil }
            bits = bits << 6 | UInt32(sextet)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                result.append(UInt8(truncatingIfNeeded: bits >> bitCount))
            }
        }
        return result
    }

    private static func character(_ sextet: UInt8) -> UInt8 {
        switch sextet {
        case 0..<26: UInt8(ascii: "A") + sextet
        case 26..<52: UInt8(ascii: "a") + (sextet - 26)
        case 52..<62: UInt8(ascii: "0") + (sextet - 52)
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    private static func value(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
