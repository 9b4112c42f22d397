extension JSONParser {
    /// A number, which has to be an integer that is written in its only way. https://www.rfc-editor.org/rfc/rfc8259#section-6
    mutating func number() throws(AuditError) -> Int64 {
        let isNegative = take(UInt8(ascii: "-"))
        let start = offset
        var magnitude: Int64 = 0
        while let digit = takeDigit() {
            // Beyond the limit the value only has to stay beyond it.
            magnitude = min(magnitude, JSONValue.integerMax) * 10 + Int64(digit)
        }
        guard offset > start else { throw malformed("there is no JSON value") }
        guard offset == start + 1 || bytes[start] != UInt8(ascii: "0") else {
            throw malformed("a number begins with a zero")
        }
        if try skipFraction() {
            refuse("a number has a fraction or an exponent")
        } else if magnitude > JSONValue.integerMax {
            refuse("an integer is 2^53 or larger")
        } else if isNegative, magnitude == 0 {
            refuse("a number is minus zero")
        }
        return isNegative ? -magnitude : magnitude
    }

    private mutating func takeDigit() -> UInt8? {
        guard let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        offset += 1
        return byte - UInt8(ascii: "0")
    }

    /// Whether there was a fraction or an exponent.
    private mutating func skipFraction() throws(AuditError) -> Bool {
        let start = offset
        if take(UInt8(ascii: ".")) { try skipDigits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try skipDigits()
        }
        return offset > start
    }

    private mutating func skipDigits() throws(AuditError) {
        guard takeDigit() != nil else { throw malformed("a number has no digits where some have to be") }
        while takeDigit() != nil {}
    }

    /// A string, from its opening quote. https://www.rfc-editor.org/rfc/rfc8259#section-7
    mutating func string() throws(AuditError) -> String {
        offset += 1
        var text: [UInt8] = []
        while let byte = next {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: text, as: UTF8.self) else {
                    throw malformed("a string is not UTF-8")
                }
                return text
            case UInt8(ascii: "\\"): try appendEscape(to: &text)
            case 0x20...: text.append(byte)
            default: throw malformed("a string has a bare control character")
            }
        }
        throw malformed("a string has no end")
    }

    private mutating func appendEscape(to text: inout [UInt8]) throws(AuditError) {
        guard let byte = next else { throw malformed("a string has no end") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: String(try escapedCharacter()).utf8)
        default: throw malformed("a string has an escape that JSON doesn't know")
        }
    }

    /// The character of one or two `\u` escapes; U+FFFD stands in for half a pair, which is refused.
    private mutating func escapedCharacter() throws(AuditError) -> Unicode.Scalar {
        let unit = try codeUnit()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        let rest = offset
        if unit < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
            let second = try codeUnit()
            if (0xDC00...0xDFFF).contains(second),
                let scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
            {
                return scalar
            }
        }
        offset = rest
        refuse("a string has half a surrogate pair")
        return "\u{FFFD}"
    }

    private mutating func codeUnit() throws(AuditError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            // Upper-case digits are as good as lower-case ones here: bit 5 is what sets letters apart.
            guard let byte = next, let digit = Hexadecimal.value(byte >= 0x41 ? byte | 0x20 : byte) else {
                throw malformed("a string has an escape of less than four digits")
            }
            unit = unit << 4 | UInt16(digit)
            offset += 1
        }
        return unit
    }
}
