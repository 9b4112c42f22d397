extension RawSpan {
    /// Gives out the text of a string that a cursor has stepped over, as UTF-8, byte by byte. Half a surrogate pair
    /// becomes U+FFFD, and what was not UTF-8 stays so. https://www.rfc-editor.org/rfc/rfc8259#section-7
    @inline(__always)
    func unescape(_ content: Range<Int>, _ take: (UInt8) -> Void) {
        var offset = content.lowerBound
        while offset < content.upperBound {
            let character = byte(at: offset)
            if character != UInt8(ascii: "\\") {
                take(character)
                offset += 1
            } else {
                let (scalar, length) = escapedScalar(at: offset, before: content.upperBound)
                for unit in scalar.utf8 { take(unit) }
                offset += length
            }
        }
    }

    /// The character of the escape at `offset`, and how many bytes the escape takes.
    private func escapedScalar(at offset: Int, before end: Int) -> (scalar: Unicode.Scalar, length: Int) {
        guard let unit = escapedCodeUnit(at: offset, before: end) else {
            return (Unicode.Scalar(characterOfShortEscape(byte(at: offset + 1))), 2)
        }
        if let scalar = Unicode.Scalar(unit) { return (scalar, 6) }
        guard unit < 0xDC00, let low = escapedCodeUnit(at: offset + 6, before: end), low & 0xFC00 == 0xDC00,
            let scalar = Unicode.Scalar(0x10000 + UInt32(unit & 0x3FF) << 10 + UInt32(low & 0x3FF))
        else { return ("\u{FFFD}", 6) }
        return (scalar, 12)
    }

    /// The code unit of an escape of the form `\uXXXX` at `offset`; nil if there is none.
    func escapedCodeUnit(at offset: Int, before end: Int) -> UInt16? {
        guard offset + 6 <= end, hasPrefix("\\u", at: offset) else { return nil }
        var unit: UInt16 = 0
        for digitOffset in offset + 2..<offset + 6 {
            guard let digit = hexadecimalDigit(byte(at: digitOffset)) else { return nil }
            unit = unit << 4 | digit
        }
        return unit
    }

    private func characterOfShortEscape(_ letter: UInt8) -> UInt8 {
        switch letter {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: letter
        }
    }

    private func hexadecimalDigit(_ character: UInt8) -> UInt16? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(character - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(character - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(character - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
