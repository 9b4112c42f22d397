extension OTLPJSON {
    /// Writes the member `attributes`, unless there are none.
    static func writeAttributes(
        _ message: MessagePieces, _ number: UInt32, of bytes: RawSpan, to writer: inout JSONWriter
    ) throws(WireFault) {
        try writer.list("attributes", message, number, of: bytes) { (attribute, writer) throws(WireFault) in
            try writeKeyValue(attribute, of: bytes, valueDepth: 1, to: &writer)
        }
    }

    static func writeAttributes(
        _ extent: ListExtent, _ number: UInt32, of bytes: RawSpan, to writer: inout JSONWriter
    ) throws(WireFault) {
        guard let extent = extent.range else { return }
        try writeAttributes(MessagePieces(extent), number, of: bytes, to: &writer)
    }

    private static func writeKeyValue(
        _ message: Range<Int>, of bytes: RawSpan, valueDepth: Int, to writer: inout JSONWriter
    ) throws(WireFault) {
        let attribute = try KeyValueContent(message, in: bytes)
        writer.beginObject()
        writer.member("key", unlessEmpty: attribute.key, of: bytes)
        if let value = attribute.value {
            writer.key("value")
            try writeAnyValue(value, of: bytes, depth: valueDepth, to: &writer)
        }
        writer.member("keyStrindex", unlessZero: attribute.keyStringIndex)
        writer.endObject()
    }

    /// The one recursion of this module; `depth` bounds it.
    private static func writeAnyValue(
        _ value: MessagePieces, of bytes: RawSpan, depth: Int, to writer: inout JSONWriter
    ) throws(WireFault) {
        guard depth <= TraceRequestWalker.anyValueDepthMax else {
            throw WireFault(code: .tooDeep, offset: value.first?.lowerBound ?? 0)
        }
        writer.beginObject()
        switch try AnyValueContent(value, in: bytes) {
        case .none: break
        case .string(let text):
            writer.key("stringValue")
            writer.string(utf8: bytes.extracting(text))
        case .bool(let bool):
            writer.key("boolValue")
            writer.bool(bool)
        case .int(let integer):
            writer.key("intValue")
            writer.integerString(integer)
        case .double(let double):
            writer.key("doubleValue")
            writer.double(double)
        case .bytes(let content):
            writer.key("bytesValue")
            writer.base64(bytes.extracting(content))
        case .stringIndex(let index):
            writer.key("stringValueStrindex")
            writer.integer(index)
        case .array(let array):
            writer.key("arrayValue")
            writer.beginObject()
            try writer.list("values", array, ListField.values.rawValue, of: bytes) {
                (element, writer) throws(WireFault) in
                try writeAnyValue(MessagePieces(element), of: bytes, depth: depth + 1, to: &writer)
            }
            writer.endObject()
        case .keyValueList(let list):
            writer.key("kvlistValue")
            writer.beginObject()
            try writer.list("values", list, ListField.values.rawValue, of: bytes) {
                (element, writer) throws(WireFault) in
                try writeKeyValue(element, of: bytes, valueDepth: depth + 1, to: &writer)
            }
            writer.endObject()
        }
        writer.endObject()
    }
}
