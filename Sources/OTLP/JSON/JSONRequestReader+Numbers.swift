import JSONParsing

// Protobuf's JSON mapping takes a number written as a number or as a string, and an integer also with a fraction of
// zero or an exponent. https://protobuf.dev/programming-guides/json/

extension JSONRequestReader {
    func integer<Integer: FixedWidthInteger>(
        _ node: JSONDocument.Node, as type: Integer.Type
    ) throws(OTLPError) -> Integer {
        let result: Integer?
        switch document.kind(of: node) {
        case .integer(let value): result = Integer(exactly: value)
        case .unsigned(let value): result = Integer(exactly: value)
        case .double(let value): result = Integer(exactly: value)
        case .string:
            let text = document.string(of: node)
            // Digits alone are read as they are: as a `Double` those just out of range would round into it.
            let hasFractionOrExponent = text.utf8.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }
            result =
                hasFractionOrExponent ? decimal(text).flatMap { Integer(exactly: $0) } : Integer(text)
        case .object, .array, .true, .false, .null: result = nil
        }
        guard let result else { throw .invalidValue("must be an integer from \(Integer.min) to \(Integer.max)") }
        return result
    }

    func double(_ node: JSONDocument.Node) throws(OTLPError) -> Double {
        switch document.kind(of: node) {
        case .integer(let value): return Double(value)
        case .unsigned(let value): return Double(value)
        case .double(let value): return value
        case .string:
            switch document.string(of: node) {
            case "NaN": return .nan
            case "Infinity": return .infinity
            case "-Infinity": return -.infinity
            case let text:
                if let value = decimal(text), value.isFinite { return value }
            }
        case .object, .array, .true, .false, .null: break
        }
        throw .invalidValue("must be a number, or one of the strings NaN, Infinity and -Infinity")
    }

    /// The number that a text of digits, signs, a point and an exponent means. `Double` by itself also takes
    /// hexadecimal digits and words.
    private func decimal(_ text: String) -> Double? {
        let isPlain = text.utf8.allSatisfy { character in
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                true
            default: false
            }
        }
        return isPlain ? Double(text) : nil
    }
}
