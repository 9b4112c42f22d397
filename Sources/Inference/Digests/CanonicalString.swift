/// The one spelling that a string has under the JSON Canonicalization Scheme.
/// https://www.rfc-editor.org/rfc/rfc8785#section-3.2.2.2
enum CanonicalString {
    /// Appends the string with its quotes.
    static func append(_ text: [UInt8], to json: inout [UInt8]) {
        json.append(UInt8(ascii: "\""))
        appendContent(text, to: &json)
        json.append(UInt8(ascii: "\""))
    }

    /// Appends what stands between the quotes. Every byte has its own spelling, so a text may come in pieces.
    static func appendContent(_ text: [UInt8], to json: inout [UInt8]) {
        json.reserveCapacity(json.count + text.count)
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""): json.append(copying: #"\""#)
            case UInt8(ascii: "\\"): json.append(copying: #"\\"#)
            case 0x20...: json.append(byte)
            case 0x08: json.append(copying: #"\b"#)
            case 0x09: json.append(copying: #"\t"#)
            case 0x0A: json.append(copying: #"\n"#)
            case 0x0C: json.append(copying: #"\f"#)
            case 0x0D: json.append(copying: #"\r"#)
            default:
                json.append(copying: byte < 0x10 ? #"\u000"# : #"\u001"#)
                let digit = byte & 0xF
                json.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
    }
}
