// Attributes with values of one type each; a value of no content is written like any other.
//
// Their lengths are worked out first: a span has some twenty of them, and `message` would take a quarter longer.

extension WireWriter {
    package mutating func resourceAttribute(_ key: String, _ value: String) {
        attribute(ResourceField.attributes.rawValue, key, valueLength: Self.fieldLength(ofContent: value.utf8.count))
        string(AnyValueField.string.rawValue, value)
    }

    package mutating func spanAttribute(_ key: String, _ value: String) {
        attribute(SpanField.attributes.rawValue, key, valueLength: Self.fieldLength(ofContent: value.utf8.count))
        string(AnyValueField.string.rawValue, value)
    }

    package mutating func spanAttribute(_ key: String, _ value: Int64) {
        let value = UInt64(bitPattern: value)
        attribute(SpanField.attributes.rawValue, key, valueLength: 1 + Self.varintLength(of: value))
        varint(AnyValueField.int.rawValue, value)
    }

    package mutating func spanAttribute(_ key: String, _ value: Double) {
        attribute(SpanField.attributes.rawValue, key, valueLength: 9)
        double(AnyValueField.double.rawValue, value)
    }

    package mutating func spanAttribute(_ key: String, _ value: Bool) {
        attribute(SpanField.attributes.rawValue, key, valueLength: 2)
        varint(AnyValueField.bool.rawValue, value ? 1 : 0)
    }

    package mutating func spanAttribute(_ key: String, _ values: [String]) {
        let listLength = values.reduce(0) { length, value in
            length + Self.fieldLength(ofContent: Self.fieldLength(ofContent: value.utf8.count))
        }
        attribute(SpanField.attributes.rawValue, key, valueLength: Self.fieldLength(ofContent: listLength))
        begin(AnyValueField.array.rawValue, length: listLength)
        for value in values {
            begin(ListField.values.rawValue, length: Self.fieldLength(ofContent: value.utf8.count))
            string(AnyValueField.string.rawValue, value)
        }
    }

    /// Writes an attribute up to its value, whose field must follow.
    @inline(__always)
    private mutating func attribute(_ number: UInt32, _ key: String, valueLength: Int) {
        begin(
            number,
            length: Self.fieldLength(ofContent: key.utf8.count) + Self.fieldLength(ofContent: valueLength))
        string(KeyValueField.key.rawValue, key)
        begin(KeyValueField.value.rawValue, length: valueLength)
    }

    /// Writes the tag and the length of a sub-message, whose fields must follow.
    @inline(__always)
    private mutating func begin(_ number: UInt32, length: Int) {
        byte(UInt8(truncatingIfNeeded: number << 3) | WireType.lengthDelimited.rawValue)
        var rest = length
        while rest >= 0x80 {
            byte(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        byte(UInt8(truncatingIfNeeded: rest))
    }

    /// The length of a length-delimited field, tag and all. Every number here is below 16, so that a tag is one byte.
    @inline(__always)
    private static func fieldLength(ofContent length: Int) -> Int {
        1 + varintLength(of: UInt64(length)) + length
    }

    @inline(__always)
    private static func varintLength(of value: UInt64) -> Int {
        (UInt64.bitWidth - (value | 1).leadingZeroBitCount + 6) / 7
    }
}
