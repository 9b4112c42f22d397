package import OTLP

/// The bytes around a span in the request that brought it: everything that its Span message does not say itself.
///
/// Each part is the protobuf content of its message without the repeated field that leads down to the span, so that
/// unknown fields stay where they were.
package struct SpanEnvelope: Hashable, Sendable {
    /// Unknown fields of the request itself; almost always empty.
    package var request: [UInt8]
    /// ResourceSpans without `scope_spans`: the resource and its schema URL.
    package var resource: [UInt8]
    /// ScopeSpans without `spans`: the scope and its schema URL.
    package var scope: [UInt8]
    /// The resource attribute `service.name`, empty when there is none.
    package var serviceName: String

    var byteCount: Int { request.count + resource.count + scope.count + serviceName.utf8.count }
}

/// A span as the store gives it back: the facts it is found by, and its bytes as received.
package struct StoredSpan: Sendable {
    package var traceID: TraceID
    package var spanID: SpanID
    package var parentSpanID: SpanID
    package var startTimeUnixNano: UInt64
    package var endTimeUnixNano: UInt64
    package var kind: Int32
    package var statusCode: Int32
    package var origin: SpanOrigin
    package var name: String
    /// The content of the Span message.
    package var message: [UInt8]
    package var envelope: SpanEnvelope

    /// Nanoseconds from start to end; 0 when the end is before the start.
    package var durationNano: UInt64 {
        endTimeUnixNano > startTimeUnixNano ? endTimeUnixNano - startTimeUnixNano : 0
    }

    package var endsBeforeStart: Bool { endTimeUnixNano < startTimeUnixNano }

    /// The facts are read from the message itself, which the walker accepted when it came in.
    init(message: [UInt8], origin: SpanOrigin, envelope: SpanEnvelope) throws(TraceStoreError) {
        do throws(OTLPError) {
            let outline = try unsafe TraceRequestWalker.outline(ofSpan: message.span.bytes)
            self.init(outline, nameBytes: message[outline.name], message: message, origin: origin, envelope: envelope)
        } catch {
            throw TraceStoreError(.corrupt, "a stored span can't be read", detail: error.message)
        }
    }

    /// - Parameter nameBytes: valid UTF-8, checked by the walker.
    init(
        _ outline: TraceRequestOutline.Span, nameBytes: ArraySlice<UInt8>, message: [UInt8], origin: SpanOrigin,
        envelope: SpanEnvelope
    ) {
        self.traceID = outline.traceID
        self.spanID = outline.spanID
        self.parentSpanID = outline.parentSpanID
        self.startTimeUnixNano = outline.startTimeUnixNano
        self.endTimeUnixNano = outline.endTimeUnixNano
        self.kind = outline.kind
        self.statusCode = outline.statusCode
        self.origin = origin
        self.name = String(decoding: nameBytes, as: UTF8.self)
        self.message = message
        self.envelope = envelope
    }

    /// Whether both say the same: one of them is a resend.
    func isCopy(of other: StoredSpan) -> Bool {
        spanID == other.spanID && origin == other.origin && message == other.message && envelope == other.envelope
    }

    /// Oldest first; spans that began together by id, then by content, so that the order never depends on storage.
    static func precedes(_ left: StoredSpan, _ right: StoredSpan) -> Bool {
        if left.startTimeUnixNano != right.startTimeUnixNano { return left.startTimeUnixNano < right.startTimeUnixNano }
        if left.spanID != right.spanID { return left.spanID < right.spanID }
        if left.origin != right.origin { return left.origin.rawValue < right.origin.rawValue }
        if left.message != right.message { return left.message.lexicographicallyPrecedes(right.message) }
        if left.envelope.resource != right.envelope.resource {
            return left.envelope.resource.lexicographicallyPrecedes(right.envelope.resource)
        }
        if left.envelope.scope != right.envelope.scope {
            return left.envelope.scope.lexicographicallyPrecedes(right.envelope.scope)
        }
        return left.envelope.request.lexicographicallyPrecedes(right.envelope.request)
    }
}
