/// The one decoder of OTLP protobuf: validates a whole `ExportTraceServiceRequest` (or `TracesData`, which has the same
/// layout) in place and lists its spans.
///
/// It refuses whatever protobuf's own decoders refuse, and more: known fields of another wire type, groups, varints
/// beyond 64 bits, strings that are not UTF-8, and `AnyValue`s nested too deep. What it accepts can be kept as it is and
/// handed to any protobuf decoder later. Unknown fields are stepped over and stay in the bytes.
///
/// Duplicates mean what protobuf says: the last scalar and the last `oneof` case win, repeated occurrences of a
/// sub-message are merged. https://protobuf.dev/programming-guides/encoding/#last-one-wins
package struct TraceRequestWalker {
    /// How deep `AnyValue`s may be nested; an attribute's own value is level 1.
    package static let anyValueDepthMax = 64

    /// Protobuf messages are limited to 2 GiB. https://protobuf.dev/programming-guides/encoding/#size-limit
    private static let byteCountMax = Int(Int32.max)

    private var spanWalker = SpanWalker()
    private var outline = TraceRequestOutline()
    private var requestEnvelope: [Range<UInt32>] = []
    private var resourceEnvelope: [Range<UInt32>] = []
    private var scopeEnvelope: [Range<UInt32>] = []
    private var serviceName: Range<Int>?

    private init() {}

    /// Validates the whole message and lists its spans.
    ///
    /// Spans with wrong ids are validated like the others, then counted in `rejections` and left out; everything else
    /// that is wrong fails the message.
    package static func walk(_ bytes: RawSpan) throws(OTLPError) -> TraceRequestOutline {
        guard bytes.byteCount <= byteCountMax else { throw OTLPError(WireFault(code: .tooLarge, offset: byteCountMax)) }
        var walker = TraceRequestWalker()
        do throws(WireFault) {
            try walker.walkRequest(in: bytes)
        } catch {
            throw OTLPError(error)
        }
        return walker.outline
    }

    package static func walk(_ bytes: [UInt8]) throws(OTLPError) -> TraceRequestOutline {
        try bytes.withBytes { bytes throws(OTLPError) in try walk(bytes) }
    }

    /// Validates one stand-alone `Span` message and reads the same facts of it. Its `group` is 0.
    ///
    /// Wrong ids are an error of code `.invalidValue` here.
    package static func outline(ofSpan bytes: RawSpan) throws(OTLPError) -> TraceRequestOutline.Span {
        let range = 0..<bytes.byteCount
        guard range.count <= byteCountMax else { throw OTLPError(WireFault(code: .tooLarge, offset: byteCountMax)) }
        var walker = SpanWalker()
        let facts: SpanFacts
        do throws(WireFault) {
            facts = try walker.walk(range, in: bytes)
        } catch {
            throw OTLPError(error)
        }
        switch TraceRequestOutline.Span.judging(facts, bytes: range, group: 0, in: bytes) {
        case .success(let span): return span
        case .failure(let rejected):
            throw OTLPError(code: .invalidValue, message: "The span has \(rejected.reason.description).")
        }
    }

    private mutating func walkRequest(in bytes: RawSpan) throws(WireFault) {
        var cursor = WireCursor(0..<bytes.byteCount)
        while let field = try cursor.nextField(in: bytes) {
            switch TracesDataField(rawValue: field.number) {
            case .resourceSpans:
                try walkResourceSpans(try cursor.readContent(field, in: bytes), in: bytes)
            case nil:
                try cursor.skip(field, in: bytes)
                requestEnvelope.appendCoalescing(field.start..<cursor.position)
            }
        }
        outline.requestEnvelope = outline.appendEnvelope(requestEnvelope)
    }

    private mutating func walkResourceSpans(_ message: Range<Int>, in bytes: RawSpan) throws(WireFault) {
        let firstGroup = outline.groups.count
        resourceEnvelope.removeAll(keepingCapacity: true)
        serviceName = nil
        var cursor = WireCursor(message)
        while let field = try cursor.nextField(in: bytes) {
            switch ResourceSpansField(rawValue: field.number) {
            case .scopeSpans:
                try walkScopeSpans(try cursor.readContent(field, in: bytes), in: bytes)
                continue
            case .resource: try walkResource(try cursor.readContent(field, in: bytes), in: bytes)
            case .schemaURL: _ = try cursor.readText(field, in: bytes)
            case nil: try cursor.skip(field, in: bytes)
            }
            resourceEnvelope.appendCoalescing(field.start..<cursor.position)
        }
        // The resource may follow the spans it belongs to, so the groups learn of it last.
        guard outline.groups.count > firstGroup else { return }
        let envelope = outline.appendEnvelope(resourceEnvelope)
        for group in firstGroup..<outline.groups.count {
            outline.groups[group].resourceEnvelope = envelope
            outline.groups[group].serviceName = serviceName ?? 0..<0
        }
    }

    private mutating func walkScopeSpans(_ message: Range<Int>, in bytes: RawSpan) throws(WireFault) {
        let firstSpan = outline.spans.count
        scopeEnvelope.removeAll(keepingCapacity: true)
        var cursor = WireCursor(message)
        while let field = try cursor.nextField(in: bytes) {
            switch ScopeSpansField(rawValue: field.number) {
            case .spans:
                try walkSpan(try cursor.readContent(field, in: bytes), in: bytes)
                continue
            case .scope: try walkScope(try cursor.readContent(field, in: bytes), in: bytes)
            case .schemaURL: _ = try cursor.readText(field, in: bytes)
            case nil: try cursor.skip(field, in: bytes)
            }
            scopeEnvelope.appendCoalescing(field.start..<cursor.position)
        }
        guard outline.spans.count > firstSpan else { return }
        outline.groups.append(TraceRequestOutline.Group(scopeEnvelope: outline.appendEnvelope(scopeEnvelope)))
    }

    private mutating func walkSpan(_ span: Range<Int>, in bytes: RawSpan) throws(WireFault) {
        let facts = try spanWalker.walk(span, in: bytes)
        switch TraceRequestOutline.Span.judging(facts, bytes: span, group: outline.groups.count, in: bytes) {
        case .success(let span): outline.spans.append(span)
        case .failure(let rejected): outline.rejections.add(rejected.reason)
        }
    }

    private mutating func walkResource(_ resource: Range<Int>, in bytes: RawSpan) throws(WireFault) {
        var cursor = WireCursor(resource)
        while let field = try cursor.nextField(in: bytes) {
            switch ResourceField(rawValue: field.number) {
            case .attributes:
                let attribute = try spanWalker.walkAttribute(try cursor.readContent(field, in: bytes), in: bytes)
                // Keys are unique by OTLP's rules; where they are not, the first one counts.
                if serviceName == nil, bytes.holds("service.name", in: attribute.key) {
                    serviceName = if case .string(let text) = attribute.value { text } else { 0..<0 }
                }
            case .droppedAttributesCount: _ = try cursor.readVarint(field, in: bytes)
            case .entityRefs: try walkEntityRef(try cursor.readContent(field, in: bytes), in: bytes)
            case nil: try cursor.skip(field, in: bytes)
            }
        }
    }

    private func walkEntityRef(_ reference: Range<Int>, in bytes: RawSpan) throws(WireFault) {
        var cursor = WireCursor(reference)
        while let field = try cursor.nextField(in: bytes) {
            switch EntityRefField(rawValue: field.number) {
            case .schemaURL, .type, .idKeys, .descriptionKeys: _ = try cursor.readText(field, in: bytes)
            case nil: try cursor.skip(field, in: bytes)
            }
        }
    }

    private mutating func walkScope(_ scope: Range<Int>, in bytes: RawSpan) throws(WireFault) {
        var cursor = WireCursor(scope)
        while let field = try cursor.nextField(in: bytes) {
            switch ScopeField(rawValue: field.number) {
            case .name, .version: _ = try cursor.readText(field, in: bytes)
            case .attributes: _ = try spanWalker.walkAttribute(try cursor.readContent(field, in: bytes), in: bytes)
            case .droppedAttributesCount: _ = try cursor.readVarint(field, in: bytes)
            case nil: try cursor.skip(field, in: bytes)
            }
        }
    }
}

extension TraceRequestOutline {
    /// Adds an envelope's ranges and returns their indices.
    fileprivate mutating func appendEnvelope(_ ranges: [Range<UInt32>]) -> Range<Int> {
        let start = envelopeRanges.count
        envelopeRanges.append(contentsOf: ranges)
        return start..<envelopeRanges.count
    }
}

extension [Range<UInt32>] {
    /// Appends a field, extending the last range if the field follows it directly.
    fileprivate mutating func appendCoalescing(_ field: Range<Int>) {
        let field = Range<UInt32>(compacting: field)
        if let last, last.upperBound == field.lowerBound {
            self[count - 1] = last.lowerBound..<field.upperBound
        } else {
            append(field)
        }
    }
}

extension OTLPError {
    /// Says in words what is wrong with protobuf bytes, and where.
    init(_ fault: WireFault) {
        let what =
            switch fault.code {
            case .truncated: "A field runs past the end of its message"
            case .malformedTag: "A field's tag is malformed"
            case .malformedVarint: "A varint is too long"
            case .wrongWireType: "A field has the wrong wire type"
            case .invalidUTF8: "A string is not UTF-8"
            case .tooDeep: "An attribute value is nested deeper than \(TraceRequestWalker.anyValueDepthMax) levels"
            case .tooLarge: "The message is larger than 2 GiB"
            case .invalidJSON, .invalidValue: "A value is invalid"
            }
        self.init(code: fault.code, message: "\(what), at byte \(fault.offset).")
    }
}
