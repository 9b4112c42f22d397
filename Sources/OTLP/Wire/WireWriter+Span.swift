// Spans written from values of this process; spans that arrive from outside are never rebuilt like this.

/// Everything of a span that stands before its attributes.
package struct SpanHead: Sendable {
    package var traceID: TraceID
    package var spanID: SpanID
    package var traceState: String?
    package var parentSpanID: SpanID?
    package var name: String
    package var kind: SpanKind
    package var startTimeUnixNano: UInt64
    package var endTimeUnixNano: UInt64

    package init(
        traceID: TraceID, spanID: SpanID, traceState: String? = nil, parentSpanID: SpanID? = nil, name: String,
        kind: SpanKind, startTimeUnixNano: UInt64, endTimeUnixNano: UInt64
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.traceState = traceState
        self.parentSpanID = parentSpanID
        self.name = name
        self.kind = kind
        self.startTimeUnixNano = startTimeUnixNano
        self.endTimeUnixNano = endTimeUnixNano
    }
}

/// `Span.SpanKind`
package enum SpanKind: UInt8, Sendable {
    case `internal` = 1
    case server = 2
    case client = 3
    case producer = 4
    case consumer = 5
}

/// `SpanFlags`, https://github.com/open-telemetry/opentelemetry-proto/blob/v1.10.0/opentelemetry/proto/trace/v1/trace.proto
package struct SpanFlags: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The W3C trace flag.
    package static let isSampled = SpanFlags(rawValue: 0x01)
    /// Whether the next flag means anything.
    package static let knowsIsRemote = SpanFlags(rawValue: 0x100)
    /// The parent span belongs to another process.
    package static let isRemote = SpanFlags(rawValue: 0x200)
}

extension WireWriter {
    /// Writes one `ScopeSpans` of one `ResourceSpans`, in the body of a request.
    package mutating func resourceSpans(
        resource: (inout WireWriter) -> Void, scope: String, spans: (inout WireWriter) -> Void
    ) {
        message(TracesDataField.resourceSpans.rawValue) { resourceSpans in
            resourceSpans.message(ResourceSpansField.resource.rawValue, resource)
            resourceSpans.message(ResourceSpansField.scopeSpans.rawValue) { scopeSpans in
                scopeSpans.message(ScopeSpansField.scope.rawValue) { $0.string(ScopeField.name.rawValue, scope) }
                spans(&scopeSpans)
            }
        }
    }

    /// Writes one `Span`. `attributes` writes attributes, nothing else.
    package mutating func span(
        _ head: SpanHead, flags: SpanFlags, errorStatus: SpanErrorStatus?,
        attributes: (inout WireWriter) -> Void
    ) {
        message(ScopeSpansField.spans.rawValue) { span in
            span.write(head)
            attributes(&span)
            if let errorStatus { span.write(errorStatus) }
            if !flags.isEmpty { span.fixed32(SpanField.flags.rawValue, flags.rawValue) }
        }
    }

    private mutating func write(_ head: SpanHead) {
        message(SpanField.traceID.rawValue) { id in
            id.bigEndian(head.traceID.high)
            id.bigEndian(head.traceID.low)
        }
        message(SpanField.spanID.rawValue) { $0.bigEndian(head.spanID.rawValue) }
        if let traceState = head.traceState, !traceState.isEmpty {
            string(SpanField.traceState.rawValue, traceState)
        }
        if let parent = head.parentSpanID, !parent.isZero {
            message(SpanField.parentSpanID.rawValue) { $0.bigEndian(parent.rawValue) }
        }
        string(SpanField.name.rawValue, head.name)
        varint(SpanField.kind.rawValue, UInt64(head.kind.rawValue))
        fixed64(SpanField.startTimeUnixNano.rawValue, head.startTimeUnixNano)
        fixed64(SpanField.endTimeUnixNano.rawValue, head.endTimeUnixNano)
    }

    private mutating func write(_ status: SpanErrorStatus) {
        message(SpanField.status.rawValue) { writer in
            if !status.message.isEmpty { writer.string(StatusField.message.rawValue, status.message) }
            writer.varint(StatusField.code.rawValue, SpanErrorStatus.code)
        }
    }

    private mutating func bigEndian(_ value: UInt64) {
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            byte(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}

/// The status of a span that failed.
package struct SpanErrorStatus: Hashable, Sendable {
    /// Empty where the attributes say it all.
    package var message: String

    /// `STATUS_CODE_ERROR`
    fileprivate static let code: UInt64 = 2

    package init(message: String = "") {
        self.message = message
    }
}
