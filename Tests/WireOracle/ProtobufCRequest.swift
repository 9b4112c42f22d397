import COTLP

/// An `ExportTraceServiceRequest` decoded by libprotobuf-c.
///
/// libprotobuf-c limits neither depth nor size, so this takes only bytes that `TraceRequestWalker` has accepted.
@safe
struct ProtobufCRequest: ~Copyable {
    typealias Message = UnsafeMutablePointer<Opentelemetry__Proto__Collector__Trace__V1__ExportTraceServiceRequest>

    private let arena: Arena
    private let message: Message

    /// Nil if libprotobuf-c refuses the bytes.
    init?(_ bytes: [UInt8]) {
        let arena = Arena()
        var allocator = unsafe arena.allocator
        let message = unsafe opentelemetry__proto__collector__trace__v1__export_trace_service_request__unpack(
            &allocator, bytes.count, bytes)
        guard let message = unsafe message else { return nil }
        unsafe self.message = unsafe message
        self.arena = arena
    }

    /// A span and the messages around it.
    @unsafe
    struct SpanInPlace {
        let resourceSpans: UnsafeMutablePointer<Opentelemetry__Proto__Trace__V1__ResourceSpans>
        let scopeSpans: UnsafeMutablePointer<Opentelemetry__Proto__Trace__V1__ScopeSpans>
        let span: UnsafeMutablePointer<Opentelemetry__Proto__Trace__V1__Span>
    }

    /// Calls `transform` with each span, in the order of the bytes. Nothing of what it is given may be kept.
    func mapSpans<Result>(_ transform: (SpanInPlace) -> Result) -> [Result] {
        let request = unsafe message.pointee
        return unsafe Self.elements(request.resource_spans, request.n_resource_spans).flatMap { resourceSpans in
            unsafe Self.elements(resourceSpans.pointee.scope_spans, resourceSpans.pointee.n_scope_spans)
                .flatMap { scopeSpans in
                    unsafe Self.elements(scopeSpans.pointee.spans, scopeSpans.pointee.n_spans).map { span in
                        unsafe transform(
                            SpanInPlace(resourceSpans: resourceSpans, scopeSpans: scopeSpans, span: span))
                    }
                }
        }
    }

    /// The pointers of a repeated message field. libprotobuf-c never leaves one of them null.
    static func elements<Element>(
        _ base: UnsafeMutablePointer<UnsafeMutablePointer<Element>?>?, _ count: Int
    ) -> [UnsafeMutablePointer<Element>] {
        unsafe UnsafeBufferPointer(start: base, count: count).compactMap { unsafe $0 }
    }
}

extension [UInt8] {
    /// A copy of a `bytes` field, which is a null pointer when it is empty.
    init(_ data: ProtobufCBinaryData) {
        unsafe self.init(UnsafeBufferPointer(start: data.data, count: data.len))
    }
}
