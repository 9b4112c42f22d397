package import OTLP

/// Who made a span: a client that pushed it, or our own gateway. The two never collapse into each other.
package enum SpanOrigin: UInt8, Sendable {
    case ingested = 0
    case gateway = 1
}

/// One tenant's validated request: what `SpanStore.append` takes whole or not at all.
package struct SpanBatch: Sendable {
    package let tenant: TenantID
    package let origin: SpanOrigin
    /// The request as received, an `ExportTraceServiceRequest` in protobuf.
    package let bytes: [UInt8]
    /// What the walker found in `bytes`; rejected spans are not listed and so not stored.
    package let outline: TraceRequestOutline

    /// - Throws: `OTLPError` when `bytes` are not a valid request.
    package init(
        validating bytes: [UInt8], tenant: TenantID, origin: SpanOrigin = .ingested
    ) throws(OTLPError) {
        self.tenant = tenant
        self.origin = origin
        self.bytes = bytes
        self.outline = try unsafe TraceRequestWalker.walk(bytes.span.bytes)
    }
}

extension SpanBatch {
    /// The memory that the outline takes beside `bytes`.
    package var outlineMemory: Int {
        outline.spans.count * MemoryLayout<TraceRequestOutline.Span>.stride
    }
}
