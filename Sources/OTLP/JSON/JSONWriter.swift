/// Builds one JSON text by appending; commas come by themselves.
///
/// It does not check that brackets match or that keys are unique: whoever writes fixed shapes gets those right.
package struct JSONWriter: Sendable {
    package var bytes: [UInt8] = []
    /// Whether another value or key at this place needs a comma before it.
    private var needsComma = false

    package init(reservingCapacity capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    /// A member's key that needs no escapes.
    package mutating func key(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(copying: name)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A member's key of any content.
    package mutating func key(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func string(_ value: String) {
        value.withUTF8Bytes { text in string(utf8: text) }
    }

    /// A string given as UTF-8, which must be valid.
    package mutating func string(utf8 text: RawSpan) {
        quoted { writer in writer.appendEscaped(text) }
    }

    /// A JSON number.
    package mutating func integer(_ value: some FixedWidthInteger) {
        separate()
        appendDigits(value)
    }

    /// A 64-bit integer the way protobuf's JSON mapping has it: as a string.
    /// https://protobuf.dev/programming-guides/json/
    package mutating func integerString(_ value: some FixedWidthInteger) {
        quoted { writer in writer.appendDigits(value) }
    }

    /// The shortest number that reads back as the same `Double`, or one of the strings "NaN", "Infinity", "-Infinity".
    package mutating func double(_ value: Double) {
        guard value.isFinite else {
            string(value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
            return
        }
        separate()
        bytes.append(contentsOf: value.description.utf8)
    }

    /// A number that is written in JSON's form already.
    package mutating func number(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    package mutating func bool(_ value: Bool) {
        separate()
        bytes.append(copying: value ? "true" : "false")
    }

    package mutating func null() {
        separate()
        bytes.append(copying: "null")
    }

    /// A string of lowercase hexadecimal digits.
    package mutating func hex(_ value: RawSpan) {
        quoted { writer in
            for offset in 0..<value.byteCount {
                let byte = value.byte(at: offset)
                writer.bytes.append(Hexadecimal.digit(byte >> 4))
                writer.bytes.append(Hexadecimal.digit(byte & 0xF))
            }
        }
    }

    /// A string in the standard base64 alphabet, with padding.
    package mutating func base64(_ value: RawSpan) {
        quoted { writer in Base64.encode(value, to: &writer.bytes) }
    }

    @inline(__always)
    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    @inline(__always)
    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    @inline(__always)
    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    @inline(__always)
    private mutating func quoted(_ body: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        body(&self)
        bytes.append(UInt8(ascii: "\""))
    }

    @inline(__always)
    private mutating func appendDigits<Integer: FixedWidthInteger>(_ value: Integer) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var rest = UInt64(value.magnitude)
        var start = digits.count
        repeat {
            start -= 1
            digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        for index in start..<digits.count {
            bytes.append(digits[index])
        }
    }
}
