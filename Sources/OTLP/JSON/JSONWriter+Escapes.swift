extension JSONWriter {
    /// Appends the text, with the escapes that JSON demands and no others.
    /// https://www.rfc-editor.org/rfc/rfc8259#section-7
    mutating func appendEscaped(_ text: RawSpan) {
        let end = text.byteCount
        var copied = 0
        var offset = 0
        while true {
            offset = Self.nextSpecial(in: text, from: offset)
            if offset > copied {
                bytes.append(copying: text.extracting(copied..<offset))
            }
            guard offset < end else { return }
            appendEscape(of: text.byte(at: offset))
            offset += 1
            copied = offset
        }
    }

    /// The offset of the next byte that needs an escape, or the end. Looks at eight bytes at a time.
    private static func nextSpecial(in text: RawSpan, from start: Int) -> Int {
        let end = text.byteCount
        var offset = start
        while offset + 8 <= end, !hasSpecial(text.littleEndianUInt64(at: offset)) {
            offset += 8
        }
        while offset < end, !isSpecial(text.byte(at: offset)) {
            offset += 1
        }
        return offset
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// Whether one of eight bytes is special. A byte less than n is found by subtracting n from it and looking for a
    /// high bit that was not there before; equality is "less than 1" after an exclusive or.
    private static func hasSpecial(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        let found =
            (word &- ones &* 0x20) & ~word | (quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes
        return found & (ones &* 0x80) != 0
    }

    private mutating func appendEscape(of byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case UInt8(ascii: "\n"): bytes.append(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): bytes.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): bytes.append(UInt8(ascii: "t"))
        default:
            bytes.append(copying: "u00")
            bytes.append(Hexadecimal.digit(byte >> 4))
            bytes.append(Hexadecimal.digit(byte & 0xF))
        }
    }
}
