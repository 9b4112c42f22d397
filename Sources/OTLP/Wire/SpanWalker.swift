/// What one `Span` message says about itself, before its ids are judged.
struct SpanFacts {
    var traceID: Range<Int> = 0..<0
    var spanID: Range<Int> = 0..<0
    var parentSpanID: Range<Int> = 0..<0
    var name: Range<Int> = 0..<0
    var startTimeUnixNano: UInt64 = 0
    var endTimeUnixNano: UInt64 = 0
    var kind: Int32 = 0
    var statusCode: Int32 = 0
    /// What is wrong with the ids of the first faulty link.
    var linkFault: SpanRejections.Reason?
}

/// Validates `Span` messages and everything below them.
struct SpanWalker {
    private var values = AnyValueWalker()

    mutating func walk(_ span: Range<Int>, in bytes: RawSpan) throws(WireFault) -> SpanFacts {
        var facts = SpanFacts()
        var cursor = WireCursor(span)
        while let field = try cursor.nextField(in: bytes) {
            switch SpanField(rawValue: field.number) {
            case .attributes:
                _ = try walkAttribute(try cursor.readContent(field, in: bytes), in: bytes)
            case .traceID:
                facts.traceID = try cursor.readContent(field, in: bytes)
            case .spanID:
                facts.spanID = try cursor.readContent(field, in: bytes)
            case .parentSpanID:
                facts.parentSpanID = try cursor.readContent(field, in: bytes)
            case .traceState:
                _ = try cursor.readText(field, in: bytes)
            case .name:
                facts.name = try cursor.readText(field, in: bytes)
            case .kind:
                facts.kind = Int32(truncatingIfNeeded: try cursor.readVarint(field, in: bytes))
            case .startTimeUnixNano:
                facts.startTimeUnixNano = try cursor.readFixed64(field, in: bytes)
            case .endTimeUnixNano:
                facts.endTimeUnixNano = try cursor.readFixed64(field, in: bytes)
            case .events:
                try walkEvent(try cursor.readContent(field, in: bytes), in: bytes)
            case .links:
                let fault = try walkLink(try cursor.readContent(field, in: bytes), in: bytes)
                facts.linkFault = facts.linkFault ?? fault
            case .status:
                try walkStatus(try cursor.readContent(field, in: bytes), in: bytes, code: &facts.statusCode)
            case .droppedAttributesCount, .droppedEventsCount, .droppedLinksCount:
                _ = try cursor.readVarint(field, in: bytes)
            case .flags:
                _ = try cursor.readFixed32(field, in: bytes)
            case nil:
                try cursor.skip(field, in: bytes)
            }
        }
        return facts
    }

    /// Validates a `KeyValue` whose value is level 1; returns its key, and its value if that is a string.
    @inline(__always)
    mutating func walkAttribute(
        _ attribute: Range<Int>, in bytes: RawSpan
    ) throws(WireFault) -> (key: Range<Int>, value: AnyValueWalker.LastValue) {
        var key = 0..<0
        var last = AnyValueWalker.LastValue.none
        var cursor = WireCursor(attribute)
        while let field = try cursor.nextField(in: bytes) {
            switch KeyValueField(rawValue: field.number) {
            case .key: key = try cursor.readText(field, in: bytes)
            case .value: try values.walk(try cursor.readContent(field, in: bytes), in: bytes, last: &last)
            case .keyStringIndex: _ = try cursor.readVarint(field, in: bytes)
            case nil: try cursor.skip(field, in: bytes)
            }
        }
        return (key, last)
    }

    private mutating func walkEvent(_ event: Range<Int>, in bytes: RawSpan) throws(WireFault) {
        var cursor = WireCursor(event)
        while let field = try cursor.nextField(in: bytes) {
            switch EventField(rawValue: field.number) {
            case .timeUnixNano: _ = try cursor.readFixed64(field, in: bytes)
            case .name: _ = try cursor.readText(field, in: bytes)
            case .attributes: _ = try walkAttribute(try cursor.readContent(field, in: bytes), in: bytes)
            case .droppedAttributesCount: _ = try cursor.readVarint(field, in: bytes)
            case nil: try cursor.skip(field, in: bytes)
            }
        }
    }

    private mutating func walkLink(
        _ link: Range<Int>, in bytes: RawSpan
    ) throws(WireFault) -> SpanRejections.Reason? {
        var traceIDCount = 0
        var spanIDCount = 0
        var cursor = WireCursor(link)
        while let field = try cursor.nextField(in: bytes) {
            switch LinkField(rawValue: field.number) {
            case .traceID: traceIDCount = try cursor.readContent(field, in: bytes).count
            case .spanID: spanIDCount = try cursor.readContent(field, in: bytes).count
            case .traceState: _ = try cursor.readText(field, in: bytes)
            case .attributes: _ = try walkAttribute(try cursor.readContent(field, in: bytes), in: bytes)
            case .droppedAttributesCount: _ = try cursor.readVarint(field, in: bytes)
            case .flags: _ = try cursor.readFixed32(field, in: bytes)
            case nil: try cursor.skip(field, in: bytes)
            }
        }
        guard traceIDCount == 0 || traceIDCount == TraceID.byteCount else { return .linkTraceIDLength }
        guard spanIDCount == 0 || spanIDCount == SpanID.byteCount else { return .linkSpanIDLength }
        return nil
    }

    /// `code` is left alone when this occurrence does not set it: several occurrences are one merged message.
    private func walkStatus(_ status: Range<Int>, in bytes: RawSpan, code: inout Int32) throws(WireFault) {
        var cursor = WireCursor(status)
        while let field = try cursor.nextField(in: bytes) {
            switch StatusField(rawValue: field.number) {
            case .message: _ = try cursor.readText(field, in: bytes)
            case .code: code = Int32(truncatingIfNeeded: try cursor.readVarint(field, in: bytes))
            case nil: try cursor.skip(field, in: bytes)
            }
        }
    }
}

extension TraceRequestOutline.Span {
    /// Judges the ids: the outline of the span, or why it is to be left out.
    static func judging(
        _ facts: SpanFacts, bytes: Range<Int>, group: Int, in message: RawSpan
    ) -> Result<Self, RejectedSpan> {
        guard let traceID = TraceID(bytes: message.extracting(facts.traceID)) else {
            return .failure(RejectedSpan(reason: .traceIDLength))
        }
        guard !traceID.isZero else { return .failure(RejectedSpan(reason: .traceIDZero)) }
        guard let spanID = SpanID(bytes: message.extracting(facts.spanID)) else {
            return .failure(RejectedSpan(reason: .spanIDLength))
        }
        guard !spanID.isZero else { return .failure(RejectedSpan(reason: .spanIDZero)) }
        var parentSpanID = SpanID(rawValue: 0)
        if !facts.parentSpanID.isEmpty {
            guard let parent = SpanID(bytes: message.extracting(facts.parentSpanID)) else {
                return .failure(RejectedSpan(reason: .parentSpanIDLength))
            }
            parentSpanID = parent
        }
        if let reason = facts.linkFault { return .failure(RejectedSpan(reason: reason)) }
        return .success(
            Self(
                bytes: bytes, group: group, traceID: traceID, spanID: spanID, parentSpanID: parentSpanID, facts: facts)
        )
    }
}

/// A structurally sound span whose ids are wrong.
struct RejectedSpan: Error {
    let reason: SpanRejections.Reason
}
