/// Numbers in the digits `0-9A-Za-z`, most significant first, of a fixed width.
enum Base62 {
    private static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// - Parameters:
    ///   - number: Its 32-bit limbs, most significant first.
    ///   - width: Digits that are enough for every number of so many limbs; higher ones would be lost.
    static func encode(_ number: [UInt32], width: Int) -> [UInt8] {
        var limbs = number
        var text = [UInt8](repeating: digits[0], count: width)
        for position in text.indices.reversed() {
            var remainder: UInt64 = 0
            for index in limbs.indices {
                let dividend = remainder << 32 | UInt64(limbs[index])
                limbs[index] = UInt32(dividend / 62)
                remainder = dividend % 62
            }
            text[position] = digits[Int(remainder)]
        }
        return text
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default:
            false
        }
    }
}
