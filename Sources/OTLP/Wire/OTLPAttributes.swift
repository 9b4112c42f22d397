/// Looks for attributes in messages that the walker has accepted.
///
/// A value matches when it reads like `text`: a string as it is, an integer in decimal, a bool as `true` or `false`, a
/// double in its shortest form. Lists and bytes never match.
package enum OTLPAttributes {
    /// Whether a `Span` message has an attribute `key` that reads like `text`.
    package static func span(
        _ span: RawSpan, has key: RawSpan, equalTo text: RawSpan
    ) throws(OTLPError) -> Bool {
        do throws(WireFault) {
            let message = MessagePieces(0..<span.byteCount)
            return try contains(key, text, in: message, number: SpanField.attributes.rawValue, of: span)
        } catch {
            throw OTLPError(error)
        }
    }

    /// Whether the resource in a `ResourceSpans` envelope has an attribute `key` that reads like `text`.
    package static func resource(
        ofEnvelope envelope: RawSpan, has key: RawSpan, equalTo text: RawSpan
    ) throws(OTLPError) -> Bool {
        do throws(WireFault) {
            var resource = MessagePieces()
            var cursor = WireCursor(0..<envelope.byteCount)
            while let field = try cursor.nextField(in: envelope) {
                if ResourceSpansField(rawValue: field.number) == .resource {
                    resource.append(try cursor.readContent(field, in: envelope))
                } else {
                    try cursor.skip(field, in: envelope)
                }
            }
            return try contains(key, text, in: resource, number: ResourceField.attributes.rawValue, of: envelope)
        } catch {
            throw OTLPError(error)
        }
    }

    private static func contains(
        _ key: RawSpan, _ text: RawSpan, in message: MessagePieces, number: UInt32, of bytes: RawSpan
    ) throws(WireFault) -> Bool {
        var cursor = PiecesCursor(message)
        while let field = try cursor.nextField(in: bytes) {
            guard field.number == number else {
                try cursor.current.skip(field, in: bytes)
                continue
            }
            let attribute = try KeyValueContent(try cursor.current.readContent(field, in: bytes), in: bytes)
            guard bytes.extracting(attribute.key).hasSameBytes(as: key), let value = attribute.value else { continue }
            if reads(try AnyValueContent(value, in: bytes), like: text, in: bytes) { return true }
        }
        return false
    }

    private static func reads(_ value: AnyValueContent, like text: RawSpan, in bytes: RawSpan) -> Bool {
        let shown: String
        switch value {
        case .string(let range): return bytes.extracting(range).hasSameBytes(as: text)
        case .bool(let bool): shown = bool ? "true" : "false"
        case .int(let integer): shown = "\(integer)"
        case .double(let double): shown = "\(double)"
        case .none, .array, .keyValueList, .bytes, .stringIndex: return false
        }
        return shown.withUTF8Bytes { shown in shown.hasSameBytes(as: text) }
    }
}
