import OTLP

/// Conditions on a span; one span must meet all of them. The empty filter lets every span through.
package struct SpanFilter: Sendable, Equatable {
    package struct Attribute: Sendable, Equatable {
        package var key: String
        package var value: String

        package init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    /// The resource's `service.name`.
    package var service: String?
    /// The span's name.
    package var operation: String?
    /// The number of a `SpanKind`.
    package var kind: Int32?
    package var status: SpanStatus?
    /// Inclusive bounds of the span's own duration.
    package var minDurationNano: UInt64?
    package var maxDurationNano: UInt64?
    /// Each must be there, on the span or its resource; values compare as text.
    package var attributes: [Attribute] = []
    /// Attributes of which one must have the value: a model is named by request or response.
    package var anyOf: [[Attribute]] = []
    /// Only spans of this origin.
    package var origin: SpanOrigin?

    package init() {}

    package var isEmpty: Bool { self == SpanFilter() }

    package func matches(_ span: StoredSpan) throws(TraceStoreError) -> Bool {
        if let service, span.envelope.serviceName != service { return false }
        if let operation, span.name != operation { return false }
        if let kind, span.kind != kind { return false }
        if let status, SpanStatus(code: span.statusCode) != status { return false }
        if let minDurationNano, span.durationNano < minDurationNano { return false }
        if let maxDurationNano, span.durationNano > maxDurationNano { return false }
        if let origin, span.origin != origin { return false }
        for attribute in attributes {
            guard try attribute.isPresent(in: span) else { return false }
        }
        for alternatives in anyOf {
            guard try Self.isAnyPresent(alternatives, in: span) else { return false }
        }
        return true
    }

    private static func isAnyPresent(_ alternatives: [Attribute], in span: StoredSpan) throws(TraceStoreError) -> Bool {
        for attribute in alternatives {
            if try attribute.isPresent(in: span) { return true }
        }
        return false
    }
}

extension SpanFilter.Attribute {
    fileprivate func isPresent(in span: StoredSpan) throws(TraceStoreError) -> Bool {
        let key = [UInt8](key.utf8)
        let value = [UInt8](value.utf8)
        do throws(OTLPError) {
            if try unsafe OTLPAttributes.span(
                span.message.span.bytes, has: key.span.bytes, equalTo: value.span.bytes)
            {
                return true
            }
            return try unsafe OTLPAttributes.resource(
                ofEnvelope: span.envelope.resource.span.bytes, has: key.span.bytes, equalTo: value.span.bytes)
        } catch {
            throw TraceStoreError(.corrupt, "a stored span can't be read", detail: error.message)
        }
    }
}
