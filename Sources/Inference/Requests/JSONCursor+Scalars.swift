internal import OTLP

extension JSONCursor {
    mutating func skipScalar(_ kind: JSONValue.Kind, in bytes: RawSpan) throws(InferenceError) {
        switch kind {
        case .string: try skipString(in: bytes)
        case .true: try skip("true", in: bytes)
        case .false: try skip("false", in: bytes)
        case .null: try skip("null", in: bytes)
        default: try skipNumber(in: bytes)
        }
    }

    private mutating func skip(_ literal: StaticString, in bytes: RawSpan) throws(InferenceError) {
        let literalEnd = position + literal.utf8CodeUnitCount
        guard literalEnd <= end, bytes.hasPrefix(literal, at: position) else { throw malformed("a value is expected") }
        position = literalEnd
    }

    /// https://www.rfc-editor.org/rfc/rfc8259#section-6
    private mutating func skipNumber(in bytes: RawSpan) throws(InferenceError) {
        if peek(in: bytes) == UInt8(ascii: "-") { position += 1 }
        if peek(in: bytes) == UInt8(ascii: "0") {
            position += 1
        } else {
            try skipDigits("a value is expected", in: bytes)
        }
        if peek(in: bytes) == UInt8(ascii: ".") {
            position += 1
            try skipDigits("a digit is expected", in: bytes)
        }
        if peek(in: bytes) | 0x20 == UInt8(ascii: "e") {
            position += 1
            let sign = peek(in: bytes)
            if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
            try skipDigits("a digit is expected", in: bytes)
        }
    }

    private mutating func skipDigits(_ expectation: String, in bytes: RawSpan) throws(InferenceError) {
        let start = position
        while peek(in: bytes).isDigit { position += 1 }
        guard position > start else { throw malformed(expectation) }
    }
}

// MARK: - Strings

extension JSONCursor {
    /// Steps over a string and says whether it has escapes. https://www.rfc-editor.org/rfc/rfc8259#section-7
    @discardableResult
    mutating func skipString(in bytes: RawSpan) throws(InferenceError) -> Bool {
        guard peek(in: bytes) == UInt8(ascii: "\"") else { throw malformed("a string is expected") }
        position += 1
        var hasEscapes = false
        while true {
            skipPlainBytes(in: bytes)
            let byte = peek(in: bytes)
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return hasEscapes
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try skipEscape(in: bytes)
            case 0x80...: try skipMultibyte(in: bytes)
            default: throw malformed("a control character is in a string")
            }
        }
    }

    /// Steps to the next byte that needs a look, eight bytes at a time: a quote, a backslash, a control character, or,
    /// in a client's text, a byte beyond ASCII.
    ///
    /// A byte less than n is found by subtracting n from it and looking for a high bit that was not there before;
    /// equality is "less than 1" after an exclusive or. A borrow can only spoil bytes behind the first one found.
    @inline(__always)
    private mutating func skipPlainBytes(in bytes: RawSpan) {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let beyondASCII: UInt64 = author == .client ? .max : 0
        while position + 8 <= end {
            let word = bytes.littleEndianUInt64(at: position)
            let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
            let backslashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
            let low = (word &- ones &* 0x20) & ~word
            let found =
                (low | (quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes | word & beyondASCII)
                & (ones &* 0x80)
            guard found == 0 else {
                position += found.trailingZeroBitCount / 8
                return
            }
            position += 8
        }
        while position < end, !isSpecial(bytes.byte(at: position)) { position += 1 }
    }

    private func isSpecial(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || author == .client && byte >= 0x80
    }

    private mutating func skipEscape(in bytes: RawSpan) throws(InferenceError) {
        guard position + 1 < end else {
            position = end
            throw malformed("a string has no end")
        }
        switch bytes.byte(at: position + 1) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"): try skipUnicodeEscape(in: bytes)
        default: throw malformed("a string has an unknown escape")
        }
    }

    private mutating func skipUnicodeEscape(in bytes: RawSpan) throws(InferenceError) {
        guard let unit = bytes.escapedCodeUnit(at: position, before: end) else {
            throw malformed("a string has an unknown escape")
        }
        guard author == .client, unit & 0xF800 == 0xD800 else {
            position += 6
            return
        }
        guard unit < 0xDC00, let low = bytes.escapedCodeUnit(at: position + 6, before: end), low & 0xFC00 == 0xDC00
        else { throw malformed("a string has half a surrogate pair") }
        position += 12
    }

    /// Steps over a run of characters beyond ASCII: no overlong forms, no surrogates, nothing above U+10FFFF.
    /// https://www.unicode.org/versions/Unicode16.0.0/core-spec/chapter-3/#G27506 (table 3-7)
    private mutating func skipMultibyte(in bytes: RawSpan) throws(InferenceError) {
        while position < end {
            let lead = bytes.byte(at: position)
            guard lead >= 0x80 else { return }
            guard let (length, second) = UTF8Sequence.shape(startingWith: lead), length <= end - position,
                second.contains(bytes.byte(at: position + 1))
            else { throw malformed("the text is not UTF-8") }
            for following in 2..<max(length, 2) where bytes.byte(at: position + following) & 0xC0 != 0x80 {
                throw malformed("the text is not UTF-8")
            }
            position += length
        }
    }
}

extension UInt8 {
    @inline(__always)
    var isDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }
}
