import OTLP

/// The bytes that hexadecimal digits stand for; whitespace is ignored.
func bytes(hex: String) -> [UInt8] {
    let digits = hex.compactMap { $0.hexDigitValue }
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// Protobuf bytes of one message.
func message(_ body: (inout WireWriter) -> Void) -> [UInt8] {
    var writer = WireWriter()
    body(&writer)
    return writer.bytes
}

/// A whole request around the content of `ResourceSpans`.
func requestHoldingResourceSpans(_ body: (inout WireWriter) -> Void) -> [UInt8] {
    message { $0.message(1, body) }
}

/// A whole request around the content of `ScopeSpans`.
func requestHoldingScopeSpans(_ body: (inout WireWriter) -> Void) -> [UInt8] {
    requestHoldingResourceSpans { $0.message(2, body) }
}

/// A whole request around one span with sound ids and whatever `body` adds.
func requestHoldingSpan(_ body: (inout WireWriter) -> Void) -> [UInt8] {
    requestHoldingScopeSpans { scopeSpans in
        scopeSpans.message(2) { span in
            span.ids()
            body(&span)
        }
    }
}

extension WireWriter {
    mutating func content(_ number: UInt32, _ value: [UInt8]) {
        value.withBytes { content(number, $0) }
    }

    mutating func fields(_ encoded: [UInt8]) {
        encoded.withBytes { fields($0) }
    }

    /// The ids of a span, sound unless told otherwise.
    mutating func ids(
        trace: [UInt8] = [UInt8](repeating: 0xA1, count: 16), span: [UInt8] = [UInt8](repeating: 0xB2, count: 8),
        parent: [UInt8] = []
    ) {
        if !trace.isEmpty { content(1, trace) }
        if !span.isEmpty { content(2, span) }
        if !parent.isEmpty { content(4, parent) }
    }

    /// The ids of a sound span and a link.
    mutating func link(_ body: (inout WireWriter) -> Void) {
        ids()
        message(13, body)
    }

    /// An attribute with whatever value `body` writes.
    mutating func attribute(_ number: UInt32, _ key: String, value body: (inout WireWriter) -> Void) {
        message(number) { attribute in
            attribute.string(1, key)
            attribute.message(2, body)
        }
    }
}

extension WireWriter {
    /// An attribute of a span.
    mutating func attribute(_ key: String, value body: (inout WireWriter) -> Void) {
        attribute(9, key, value: body)
    }
}

/// The error that `body` throws, or nil.
func error(of body: () throws(OTLPError) -> Void) -> OTLPError? {
    do throws(OTLPError) {
        try body()
        return nil
    } catch {
        return error
    }
}

/// The code with which the walker refuses a message, or nil when it accepts it.
func refusal(of message: [UInt8]) -> OTLPError.Code? {
    error { () throws(OTLPError) in _ = try TraceRequestWalker.walk(message) }?.code
}

/// A span's members as JSON.
func spanJSON(_ span: [UInt8]) throws -> String {
    var writer = JSONWriter()
    writer.beginObject()
    try span.withBytes { (span) throws(OTLPError) in try OTLPJSON.writeSpanMembers(span, to: &writer) }
    writer.endObject()
    return String(decoding: writer.bytes, as: UTF8.self)
}

/// The bytes of a range, as text.
func text(_ range: Range<Int>, of bytes: [UInt8]) -> String {
    String(decoding: bytes[range], as: UTF8.self)
}
