/// Checks that strings are UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
/// https://www.unicode.org/versions/Unicode16.0.0/core-spec/chapter-3/#G27506 (table 3-7)
enum UTF8Validation {
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Whether the bytes in `range` are UTF-8. Most strings of a trace are short and ASCII, so those come first.
    @inline(__always)
    static func isValid(_ range: Range<Int>, of bytes: RawSpan) -> Bool {
        let count = range.count
        if count >= 8 {
            var offset = range.lowerBound
            let last = range.upperBound - 8
            var bits = bytes.littleEndianUInt64(at: last)
            while offset < last {
                bits |= bytes.littleEndianUInt64(at: offset)
                offset += 8
            }
            return bits & highBits == 0 || isValidMultibyte(range, of: bytes)
        }
        if count >= 4 {
            let bits =
                bytes.littleEndianUInt32(at: range.lowerBound) | bytes.littleEndianUInt32(at: range.upperBound - 4)
            return bits & UInt32(truncatingIfNeeded: highBits) == 0 || isValidMultibyte(range, of: bytes)
        }
        return isValidMultibyte(range, of: bytes)
    }

    @inline(never)
    private static func isValidMultibyte(_ range: Range<Int>, of bytes: RawSpan) -> Bool {
        var offset = range.lowerBound
        let end = range.upperBound
        while offset < end {
            let lead = bytes.byte(at: offset)
            if lead < 0x80 {
                offset += 1
                continue
            }
            guard let (length, second) = UTF8Sequence.shape(startingWith: lead), length <= end - offset,
                second.contains(bytes.byte(at: offset + 1))
            else { return false }
            for following in 2..<max(length, 2) where bytes.byte(at: offset + following) & 0xC0 != 0x80 {
                return false
            }
            offset += length
        }
        return true
    }
}
