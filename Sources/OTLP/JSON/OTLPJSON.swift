/// OTLP's JSON encoding, both ways. https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
///
/// Writing goes straight from protobuf bytes to JSON text. It expects bytes that `TraceRequestWalker` has accepted:
/// with others it fails or writes text that is not UTF-8, but does no harm. Fields that OTLP does not know are left
/// out, and so are scalars with their default value; a sub-message that is present stays present.
package enum OTLPJSON {
    /// Writes the members `resource` and `schemaUrl` of a `ResourceSpans`, given all its fields but the spans.
    /// An object must be open; where that object has another `schemaUrl`, this one can get another key.
    package static func writeResourceSpansMembers(
        _ envelope: RawSpan, schemaURLKey: StaticString = "schemaUrl", to writer: inout JSONWriter
    ) throws(OTLPError) {
        do throws(WireFault) {
            try writeResourceSpansMembers(
                0..<envelope.byteCount, of: envelope, schemaURLKey: schemaURLKey, to: &writer)
        } catch {
            throw OTLPError(error)
        }
    }

    /// Writes the members `scope` and `schemaUrl` of a `ScopeSpans`, given all its fields but the spans.
    /// An object must be open; where that object has another `schemaUrl`, this one can get another key.
    package static func writeScopeSpansMembers(
        _ envelope: RawSpan, schemaURLKey: StaticString = "schemaUrl", to writer: inout JSONWriter
    ) throws(OTLPError) {
        do throws(WireFault) {
            try writeScopeSpansMembers(
                0..<envelope.byteCount, of: envelope, schemaURLKey: schemaURLKey, to: &writer)
        } catch {
            throw OTLPError(error)
        }
    }

    /// Writes all members of a `Span`. An object must be open.
    package static func writeSpanMembers(_ span: RawSpan, to writer: inout JSONWriter) throws(OTLPError) {
        do throws(WireFault) {
            try writeSpanMembers(0..<span.byteCount, of: span, to: &writer)
        } catch {
            throw OTLPError(error)
        }
    }
}
