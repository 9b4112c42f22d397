/// A UUID whose first 48 bits are the time it was made, so that newer ids sort after older ones.
///
/// https://www.rfc-editor.org/rfc/rfc9562#section-5.7. Ids made within the same millisecond sort at random.
package struct UUIDv7: Hashable, Comparable, Sendable {
    /// The 16 bytes as two big-endian halves.
    package let high: UInt64
    package let low: UInt64

    /// - Parameter milliseconds: Since 1970-01-01 00:00 UTC; only the low 48 bits are kept.
    package init(milliseconds: Int64, using generator: inout some RandomNumberGenerator) {
        let time = UInt64(bitPattern: milliseconds) << 16
        // Version 7 in the four bits after the time, variant 10 in the two top bits of the second half.
        high = time | 0x7000 | generator.next() & 0x0FFF
        low = 0x8000_0000_0000_0000 | generator.next() & 0x3FFF_FFFF_FFFF_FFFF
    }

    /// Makes an id of this moment, from the system's randomness.
    ///
    /// - Parameter milliseconds: Since 1970-01-01 00:00 UTC; only the low 48 bits are kept.
    package init(milliseconds: Int64) {
        var generator = SystemRandomNumberGenerator()
        self.init(milliseconds: milliseconds, using: &generator)
    }

    /// Reads the form 8-4-4-4-12 of hexadecimal digits, in either case.
    ///
    /// - Returns: nil if the text has another form, or the UUID is not of version 7.
    package init?(_ text: String) {
        var halves: [UInt64] = [0, 0]
        var digitCount = 0
        guard text.utf8.count == 36 else { return nil }
        for (index, byte) in text.utf8.enumerated() {
            if Self.hyphenOffsets.contains(index) {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                guard let digit = Character(UnicodeScalar(byte)).hexDigitValue else { return nil }
                halves[digitCount / 16] = halves[digitCount / 16] << 4 | UInt64(digit)
                digitCount += 1
            }
        }
        guard halves[0] & 0xF000 == 0x7000, halves[1] >> 62 == 0b10 else { return nil }
        (high, low) = (halves[0], halves[1])
    }

    private static let hyphenOffsets = [8, 13, 18, 23]

    package static func < (left: Self, right: Self) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }
}

extension UUIDv7: CustomStringConvertible {
    /// 8-4-4-4-12 lower-case hexadecimal digits.
    package var description: String {
        // Every statement about a user or a key holds some of these, so they are written byte by byte.
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for index in 0..<32 {
            if index == 8 || index == 12 || index == 16 || index == 20 { text.append(UInt8(ascii: "-")) }
            let half = index < 16 ? high : low
            let digit = UInt8(truncatingIfNeeded: half >> UInt64(60 - index % 16 * 4) & 0xF)
            text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + (digit - 10))
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Stored as text, the form that both engines sort like the id itself.
extension UUIDv7: SQLEncodable, SQLDecodable {
    package var sqlValue: SQLValue { .text(description) }

    package init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue else { return nil }
        self.init(text)
    }
}
