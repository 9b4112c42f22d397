/// The one spelling that a JSON value has under the JSON Canonicalization Scheme.
///
/// https://www.rfc-editor.org/rfc/rfc8785
package enum CanonicalJSON {
    package static func encode(_ value: JSONValue) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(2048)
        append(value, to: &bytes)
        return bytes
    }

    package static func encode(_ object: JSONObject) -> [UInt8] {
        encode(.object(object))
    }

    /// Appends a value.
    static func append(_ value: JSONValue, to bytes: inout [UInt8]) {
        switch value {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value):
            precondition(value.magnitude <= JSONValue.integerMax, "an integer of signed data is below 2^53")
            append(value, to: &bytes)
        case .string(let text): append(text, to: &bytes)
        case .array(let elements): append(elements, to: &bytes)
        case .object(let object): append(object, to: &bytes)
        }
    }

    /// Appends a whole number's digits.
    static func append(_ value: Int64, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: String(value).utf8)
    }

    private static func append(_ elements: [JSONValue], to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(element, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// Appends an object.
    static func append(_ object: JSONObject, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        let isSorted = zip(object.members, object.members.dropFirst()).allSatisfy { precedes($0.name, $1.name) }
        let members = isSorted ? object.members : object.members.sorted { precedes($0.name, $1.name) }
        for (index, member) in members.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(member.name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            append(member.value, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// Appends a string, quotes included.
    static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        if hasSpecial(text.utf8.span) {
            for byte in text.utf8 { appendEscaped(byte, to: &bytes) }
        } else {
            bytes.append(contentsOf: text.utf8)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func hasSpecial(_ text: Span<UInt8>) -> Bool {
        for index in text.indices where isSpecial(text[index]) { return true }
        return false
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// Only what JSON demands is escaped. https://www.rfc-editor.org/rfc/rfc8785#section-3.2.2.2
    private static func appendEscaped(_ byte: UInt8, to bytes: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(contentsOf: [UInt8(ascii: "\\"), byte])
        case 0x20...: bytes.append(byte)
        case 0x08: bytes.append(contentsOf: "\\b".utf8)
        case 0x09: bytes.append(contentsOf: "\\t".utf8)
        case 0x0A: bytes.append(contentsOf: "\\n".utf8)
        case 0x0C: bytes.append(contentsOf: "\\f".utf8)
        case 0x0D: bytes.append(contentsOf: "\\r".utf8)
        default:
            bytes.append(contentsOf: "\\u00".utf8)
            bytes.append(Hexadecimal.digit(byte >> 4))
            bytes.append(Hexadecimal.digit(byte & 0xF))
        }
    }

    /// Whether a name stands before another: by their UTF-16 code units.
    ///
    /// UTF-8 has the same order but for one thing: a character beyond U+FFFF begins with a surrogate in UTF-16 and so
    /// stands before U+E000 to U+FFFF, whose UTF-8 begins with 0xEE or 0xEF.
    /// https://www.rfc-editor.org/rfc/rfc8785#section-3.2.3
    private static func precedes(_ left: String, _ right: String) -> Bool {
        let (left, right) = (left.utf8.span, right.utf8.span)
        for index in 0..<min(left.count, right.count) where left[index] != right[index] {
            let (low, high) = (min(left[index], right[index]), max(left[index], right[index]))
            let isSwapped = high >= 0xF0 && (0xEE...0xEF).contains(low)
            return (left[index] == low) != isSwapped
        }
        return left.count < right.count
    }
}
