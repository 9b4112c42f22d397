import COTLP
import OTLP

/// The values of one span on which both readers must agree.
struct DecodedSpan {
    let traceID: [UInt8]
    let spanID: [UInt8]
    let parentSpanID: [UInt8]
    let startTimeUnixNano: UInt64
    let endTimeUnixNano: UInt64
    let name: [UInt8]
    let kind: Int32
    let statusCode: Int32
    let serviceName: [UInt8]

    /// Whether the ids of all links have a valid length.
    let hasAcceptableLinks: Bool

    /// Whether the ids are such that the span is taken. A parent, and the ids of a link, may be absent.
    /// https://opentelemetry.io/docs/specs/otel/trace/api/#spancontext
    var isAcceptable: Bool {
        traceID.count == 16 && traceID.contains { $0 != 0 }
            && spanID.count == 8 && spanID.contains { $0 != 0 }
            && (parentSpanID.isEmpty || parentSpanID.count == 8)
            && hasAcceptableLinks
    }

    /// The first value that differs, as text.
    func difference(from other: DecodedSpan) -> String? {
        func differ<Value: Equatable>(_ name: String, _ value: KeyPath<DecodedSpan, Value>) -> String? {
            self[keyPath: value] == other[keyPath: value]
                ? nil : "\(name): the walker has \(self[keyPath: value]), libprotobuf-c \(other[keyPath: value])"
        }
        return differ("trace id", \.traceID)
            ?? differ("span id", \.spanID)
            ?? differ("parent span id", \.parentSpanID)
            ?? differ("start time", \.startTimeUnixNano)
            ?? differ("end time", \.endTimeUnixNano)
            ?? differ("name", \.name)
            ?? differ("kind", \.kind)
            ?? differ("status code", \.statusCode)
            ?? differ("service name", \.serviceName)
    }
}

extension DecodedSpan {
    /// As the walker read it.
    init(_ span: TraceRequestOutline.Span, in outline: TraceRequestOutline, of bytes: [UInt8]) {
        traceID = span.traceID.high.bigEndianBytes + span.traceID.low.bigEndianBytes
        spanID = span.spanID.rawValue.bigEndianBytes
        parentSpanID = span.parentSpanID.isZero ? [] : span.parentSpanID.rawValue.bigEndianBytes
        startTimeUnixNano = span.startTimeUnixNano
        endTimeUnixNano = span.endTimeUnixNano
        name = Array(bytes[span.name])
        kind = span.kind
        statusCode = span.statusCode
        serviceName = Array(bytes[outline.groups[span.group].serviceName])
        hasAcceptableLinks = true
    }

    /// As libprotobuf-c read it.
    init(
        _ span: Opentelemetry__Proto__Trace__V1__Span,
        resource: UnsafeMutablePointer<Opentelemetry__Proto__Resource__V1__Resource>?
    ) {
        unsafe traceID = Array(span.trace_id)
        unsafe spanID = Array(span.span_id)
        // An absent parent and a parent of zeros are the same thing to the walker.
        let parent = unsafe [UInt8](span.parent_span_id)
        parentSpanID = parent.count == 8 && parent.allSatisfy { $0 == 0 } ? [] : parent
        unsafe startTimeUnixNano = span.start_time_unix_nano
        unsafe endTimeUnixNano = span.end_time_unix_nano
        unsafe name = Array(span.name)
        unsafe kind = Int32(bitPattern: span.kind.rawValue)
        unsafe statusCode = span.status.map { unsafe Int32(bitPattern: $0.pointee.code.rawValue) } ?? 0
        unsafe serviceName = resource.map { unsafe Self.serviceName(of: $0.pointee) } ?? []
        let links = unsafe ProtobufCRequest.elements(span.links, span.n_links)
        hasAcceptableLinks = unsafe links.allSatisfy { link in
            unsafe [0, 16].contains(link.pointee.trace_id.len) && [0, 8].contains(link.pointee.span_id.len)
        }
    }

    /// The first resource attribute `service.name` if it is a string.
    /// https://opentelemetry.io/docs/specs/semconv/resource/#service
    private static func serviceName(of resource: Opentelemetry__Proto__Resource__V1__Resource) -> [UInt8] {
        let attributes = unsafe ProtobufCRequest.elements(resource.attributes, resource.n_attributes)
        for index in unsafe attributes.indices {
            let attribute = unsafe attributes[index]
            guard unsafe [UInt8](attribute.pointee.key) == Array("service.name".utf8) else { continue }
            guard let value = unsafe attribute.pointee.value,
                unsafe value.pointee.value_case == OPENTELEMETRY__PROTO__COMMON__V1__ANY_VALUE__VALUE_STRING_VALUE
            else { return [] }
            return unsafe Array(value.pointee.string_value)
        }
        return []
    }
}

extension UInt64 {
    fileprivate var bigEndianBytes: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: self >> (56 - 8 * UInt64($0))) }
    }
}
