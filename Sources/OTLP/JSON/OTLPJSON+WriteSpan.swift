extension OTLPJSON {
    /// The singular fields of a span as its bytes leave them, and which lists have elements.
    private struct SpanContent {
        var traceID: Range<Int> = 0..<0
        var spanID: Range<Int> = 0..<0
        var traceState: Range<Int> = 0..<0
        var parentSpanID: Range<Int> = 0..<0
        var flags: UInt32 = 0
        var name: Range<Int> = 0..<0
        var kind: Int32 = 0
        var startTimeUnixNano: UInt64 = 0
        var endTimeUnixNano: UInt64 = 0
        var attributes = ListExtent()
        var droppedAttributesCount: UInt32 = 0
        var events = ListExtent()
        var droppedEventsCount: UInt32 = 0
        var links = ListExtent()
        var droppedLinksCount: UInt32 = 0
        var status: MessagePieces?

        init(_ span: Range<Int>, in bytes: RawSpan) throws(WireFault) {
            var cursor = WireCursor(span)
            while let field = try cursor.nextField(in: bytes) {
                switch SpanField(rawValue: field.number) {
                case .traceID: traceID = try cursor.readContent(field, in: bytes)
                case .spanID: spanID = try cursor.readContent(field, in: bytes)
                case .traceState: traceState = try cursor.readContent(field, in: bytes)
                case .parentSpanID: parentSpanID = try cursor.readContent(field, in: bytes)
                case .flags: flags = try cursor.readFixed32(field, in: bytes)
                case .name: name = try cursor.readContent(field, in: bytes)
                case .kind: kind = Int32(truncatingIfNeeded: try cursor.readVarint(field, in: bytes))
                case .startTimeUnixNano: startTimeUnixNano = try cursor.readFixed64(field, in: bytes)
                case .endTimeUnixNano: endTimeUnixNano = try cursor.readFixed64(field, in: bytes)
                case .attributes: try attributes.include(field, with: &cursor, in: bytes)
                case .droppedAttributesCount: droppedAttributesCount = try cursor.readUInt32(field, in: bytes)
                case .events: try events.include(field, with: &cursor, in: bytes)
                case .droppedEventsCount: droppedEventsCount = try cursor.readUInt32(field, in: bytes)
                case .links: try links.include(field, with: &cursor, in: bytes)
                case .droppedLinksCount: droppedLinksCount = try cursor.readUInt32(field, in: bytes)
                case .status: status.append(try cursor.readContent(field, in: bytes))
                case nil: try cursor.skip(field, in: bytes)
                }
            }
        }
    }

    static func writeSpanMembers(
        _ message: Range<Int>, of bytes: RawSpan, to writer: inout JSONWriter
    ) throws(WireFault) {
        let span = try SpanContent(message, in: bytes)
        writer.member("traceId", hexUnlessEmpty: span.traceID, of: bytes)
        writer.member("spanId", hexUnlessEmpty: span.spanID, of: bytes)
        writer.member("traceState", unlessEmpty: span.traceState, of: bytes)
        writer.member("parentSpanId", hexUnlessEmpty: span.parentSpanID, of: bytes)
        writer.member("name", unlessEmpty: span.name, of: bytes)
        writer.member("kind", unlessZero: span.kind)
        writer.member("startTimeUnixNano", stringUnlessZero: span.startTimeUnixNano)
        writer.member("endTimeUnixNano", stringUnlessZero: span.endTimeUnixNano)
        try writeAttributes(span.attributes, SpanField.attributes.rawValue, of: bytes, to: &writer)
        writer.member("droppedAttributesCount", unlessZero: span.droppedAttributesCount)
        try writer.list("events", span.events, SpanField.events.rawValue, of: bytes) {
            (event, writer) throws(WireFault) in try writeEvent(event, of: bytes, to: &writer)
        }
        writer.member("droppedEventsCount", unlessZero: span.droppedEventsCount)
        try writer.list("links", span.links, SpanField.links.rawValue, of: bytes) {
            (link, writer) throws(WireFault) in try writeLink(link, of: bytes, to: &writer)
        }
        writer.member("droppedLinksCount", unlessZero: span.droppedLinksCount)
        if let status = span.status {
            try writeStatus(status, of: bytes, to: &writer)
        }
        writer.member("flags", unlessZero: span.flags)
    }

    private static func writeEvent(
        _ event: Range<Int>, of bytes: RawSpan, to writer: inout JSONWriter
    ) throws(WireFault) {
        var timeUnixNano: UInt64 = 0
        var name = 0..<0
        var attributes = ListExtent()
        var droppedAttributesCount: UInt32 = 0
        var cursor = WireCursor(event)
        while let field = try cursor.nextField(in: bytes) {
            switch EventField(rawValue: field.number) {
            case .timeUnixNano: timeUnixNano = try cursor.readFixed64(field, in: bytes)
            case .name: name = try cursor.readContent(field, in: bytes)
            case .attributes: try attributes.include(field, with: &cursor, in: bytes)
            case .droppedAttributesCount: droppedAttributesCount = try cursor.readUInt32(field, in: bytes)
            case nil: try cursor.skip(field, in: bytes)
            }
        }
        writer.beginObject()
        writer.member("timeUnixNano", stringUnlessZero: timeUnixNano)
        writer.member("name", unlessEmpty: name, of: bytes)
        try writeAttributes(attributes, EventField.attributes.rawValue, of: bytes, to: &writer)
        writer.member("droppedAttributesCount", unlessZero: droppedAttributesCount)
        writer.endObject()
    }

    private static func writeLink(
        _ link: Range<Int>, of bytes: RawSpan, to writer: inout JSONWriter
    ) throws(WireFault) {
        var traceID = 0..<0
        var spanID = 0..<0
        var traceState = 0..<0
        var attributes = ListExtent()
        var droppedAttributesCount: UInt32 = 0
        var flags: UInt32 = 0
        var cursor = WireCursor(link)
        while let field = try cursor.nextField(in: bytes) {
            switch LinkField(rawValue: field.number) {
            case .traceID: traceID = try cursor.readContent(field, in: bytes)
            case .spanID: spanID = try cursor.readContent(field, in: bytes)
            case .traceState: traceState = try cursor.readContent(field, in: bytes)
            case .attributes: try attributes.include(field, with: &cursor, in: bytes)
            case .droppedAttributesCount: droppedAttributesCount = try cursor.readUInt32(field, in: bytes)
            case .flags: flags = try cursor.readFixed32(field, in: bytes)
            case nil: try cursor.skip(field, in: bytes)
            }
        }
        writer.beginObject()
        writer.member("traceId", hexUnlessEmpty: traceID, of: bytes)
        writer.member("spanId", hexUnlessEmpty: spanID, of: bytes)
        writer.member("traceState", unlessEmpty: traceState, of: bytes)
        try writeAttributes(attributes, LinkField.attributes.rawValue, of: bytes, to: &writer)
        writer.member("droppedAttributesCount", unlessZero: droppedAttributesCount)
        writer.member("flags", unlessZero: flags)
        writer.endObject()
    }

    private static func writeStatus(
        _ status: MessagePieces, of bytes: RawSpan, to writer: inout JSONWriter
    ) throws(WireFault) {
        var message = 0..<0
        var code: Int32 = 0
        var cursor = PiecesCursor(status)
        while let field = try cursor.nextField(in: bytes) {
            switch StatusField(rawValue: field.number) {
            case .message: message = try cursor.current.readContent(field, in: bytes)
            case .code: code = Int32(truncatingIfNeeded: try cursor.current.readVarint(field, in: bytes))
            case nil: try cursor.current.skip(field, in: bytes)
            }
        }
        writer.key("status")
        writer.beginObject()
        writer.member("message", unlessEmpty: message, of: bytes)
        writer.member("code", unlessZero: code)
        writer.endObject()
    }
}
