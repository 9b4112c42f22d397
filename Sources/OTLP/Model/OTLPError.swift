/// Why bytes could not be read as OTLP.
///
/// `message` and `field` hold no payload content, so they are safe to show to whoever sent the bytes.
package struct OTLPError: Error, Equatable, Sendable {
    package enum Code: String, Equatable, Sendable {
        /// A field or its length runs past the end of the message that holds it.
        case truncated
        /// A field number of 0, a tag longer than 32 bits, or a wire type that OTLP never uses (groups, 6, 7).
        case malformedTag
        /// A varint longer than ten bytes or wider than 64 bits, or a length prefix longer than five bytes.
        case malformedVarint
        /// A known field arrived with another wire type than its own.
        case wrongWireType
        /// A string field is not UTF-8.
        case invalidUTF8
        /// An `AnyValue` is nested deeper than `TraceRequestWalker.anyValueDepthMax`.
        case tooDeep
        /// The message is larger than protobuf allows (2 GiB).
        case tooLarge
        /// The text is not one JSON object.
        case invalidJSON
        /// A known field holds a value of the wrong type or range.
        case invalidValue
    }

    package var code: Code
    package var message: String
    /// The JSON path of the field at fault, such as `resourceSpans[0].scopeSpans[2].spans[1].kind`.
    /// Protobuf faults are located by the byte offset in `message` instead.
    package var field: String?

    package init(code: Code, message: String, field: String? = nil) {
        self.code = code
        self.message = message
        self.field = field
    }
}

extension OTLPError: CustomStringConvertible {
    package var description: String {
        guard let field else { return message }
        return "\(field): \(message)"
    }
}
