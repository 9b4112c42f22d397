// Attributes with values of one type each; a value of no content is written like any other.

extension WireWriter {
    package mutating func resourceAttribute(_ key: String, _ value: String) {
        attribute(ResourceField.attributes.rawValue, key) { $0.string(AnyValueField.string.rawValue, value) }
    }

    package mutating func spanAttribute(_ key: String, _ value: String) {
        attribute(SpanField.attributes.rawValue, key) { $0.string(AnyValueField.string.rawValue, value) }
    }

    package mutating func spanAttribute(_ key: String, _ value: Int64) {
        attribute(SpanField.attributes.rawValue, key) { writer in
            writer.varint(AnyValueField.int.rawValue, UInt64(bitPattern: value))
        }
    }

    package mutating func spanAttribute(_ key: String, _ value: Double) {
        attribute(SpanField.attributes.rawValue, key) { $0.double(AnyValueField.double.rawValue, value) }
    }

    package mutating func spanAttribute(_ key: String, _ value: Bool) {
        attribute(SpanField.attributes.rawValue, key) { $0.varint(AnyValueField.bool.rawValue, value ? 1 : 0) }
    }

    package mutating func spanAttribute(_ key: String, _ values: [String]) {
        attribute(SpanField.attributes.rawValue, key) { writer in
            writer.message(AnyValueField.array.rawValue) { array in
                for value in values {
                    array.message(ListField.values.rawValue) { $0.string(AnyValueField.string.rawValue, value) }
                }
            }
        }
    }

    @inline(__always)
    private mutating func attribute(_ number: UInt32, _ key: String, value: (inout WireWriter) -> Void) {
        message(number) { attribute in
            attribute.string(KeyValueField.key.rawValue, key)
            attribute.message(KeyValueField.value.rawValue, value)
        }
    }
}
