import COTLP
import OTLP

/// A second opinion on the wire walker: the same bytes read by libprotobuf-c.
package enum WireOracle {
    /// What the two readers disagree about, or nil if they agree.
    ///
    /// Bytes that the walker refuses have nothing to compare. Bytes that it accepts must be accepted by libprotobuf-c
    /// too, must give the same spans in the same order with equal values, and must survive the way through JSON.
    package static func disagreement(on bytes: [UInt8]) -> String? {
        // A refusal is an answer; the tests of the walker decide which bytes deserve it.
        guard let outline = try? unsafe TraceRequestWalker.walk(bytes.span.bytes) else { return nil }
        guard let merged = SingularFieldMerger.merge(request: bytes) else {
            return "the walker accepted bytes that are no well-formed message"
        }
        guard let request = ProtobufCRequest(merged) else {
            return "the walker accepted bytes that libprotobuf-c refuses"
        }
        return disagreement(between: outline, of: bytes, and: request.spans())
            ?? RoundTrip.disagreement(on: bytes, outline: outline, original: request)
    }

    private static func disagreement(
        between outline: TraceRequestOutline, of bytes: [UInt8], and decoded: [DecodedSpan]
    ) -> String? {
        let total = outline.spans.count + outline.rejections.count
        guard total == decoded.count else {
            return "spans: the walker counted \(total), libprotobuf-c \(decoded.count)"
        }
        let expected = decoded.filter(\.isAcceptable)
        guard outline.spans.count == expected.count else {
            return "accepted spans: the walker has \(outline.spans.count), libprotobuf-c \(expected.count)"
        }
        for (index, span) in outline.spans.enumerated() {
            let walked = DecodedSpan(span, in: outline, of: bytes)
            if let difference = walked.difference(from: expected[index]) {
                return "span \(index): \(difference)"
            }
            if !isReadBack(span, of: bytes) {
                return "span \(index): read on its own it is another one"
            }
        }
        return nil
    }

    /// Whether the span is the same when its message is all there is, as it is when it was stored.
    private static func isReadBack(_ span: TraceRequestOutline.Span, of bytes: [UInt8]) -> Bool {
        let message = Array(bytes[span.bytes])
        // Refused now although it was accepted before is the strongest difference there is.
        guard let stored = try? unsafe TraceRequestWalker.outline(ofSpan: message.span.bytes) else { return false }
        return stored.bytes == 0..<message.count
            && stored.traceID == span.traceID
            && stored.spanID == span.spanID
            && stored.parentSpanID == span.parentSpanID
            && stored.startTimeUnixNano == span.startTimeUnixNano
            && stored.endTimeUnixNano == span.endTimeUnixNano
            && message[stored.name] == bytes[span.name]
            && stored.kind == span.kind
            && stored.statusCode == span.statusCode
    }
}

extension ProtobufCRequest {
    /// Every span as plain values.
    fileprivate borrowing func spans() -> [DecodedSpan] {
        unsafe mapSpans { place in
            unsafe DecodedSpan(place.span.pointee, resource: place.resourceSpans.pointee.resource)
        }
    }
}
