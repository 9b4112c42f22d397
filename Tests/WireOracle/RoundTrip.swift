import COTLP
import OTLP

/// Protobuf to JSON and back, compared by what libprotobuf-c makes of both ends.
enum RoundTrip {
    static func disagreement(
        on bytes: [UInt8], outline: TraceRequestOutline, original: borrowing ProtobufCRequest
    ) -> String? {
        let returned: [UInt8]
        do {
            returned = try OTLPJSON.transcodeRequest(json(of: bytes, outline: outline))
        } catch {
            return "JSON: what the walker accepted does not come back: \(error)"
        }
        guard let decoded = ProtobufCRequest(returned) else {
            return "JSON: libprotobuf-c refuses what came back"
        }
        let expected = original.comparableSpans().filter(\.isAcceptable)
        let actual = decoded.comparableSpans()
        guard expected.count == actual.count else {
            return "JSON: \(expected.count) spans went out, \(actual.count) came back"
        }
        for (index, pair) in zip(expected, actual).enumerated() {
            if let difference = pair.0.difference(from: pair.1) {
                return "JSON: span \(index): \(difference)"
            }
        }
        return nil
    }

    /// The accepted spans as an OTLP/JSON request, one ResourceSpans for each group.
    private static func json(of bytes: [UInt8], outline: TraceRequestOutline) throws(OTLPError) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("resourceSpans")
        writer.beginArray()
        var spans = outline.spans[...]
        for (index, group) in outline.groups.enumerated() {
            writer.beginObject()
            try unsafe OTLPJSON.writeResourceSpansMembers(
                outline.envelope(group.resourceEnvelope, of: bytes.span.bytes).span.bytes, to: &writer)
            writer.key("scopeSpans")
            writer.beginArray()
            writer.beginObject()
            try unsafe OTLPJSON.writeScopeSpansMembers(
                outline.envelope(group.scopeEnvelope, of: bytes.span.bytes).span.bytes, to: &writer)
            writer.key("spans")
            writer.beginArray()
            while let span = spans.first, span.group == index {
                writer.beginObject()
                try unsafe OTLPJSON.writeSpanMembers(bytes.span.bytes.extracting(span.bytes), to: &writer)
                writer.endObject()
                spans.removeFirst()
            }
            writer.endArray()
            writer.endObject()
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}

/// A span and the messages around it, encoded by libprotobuf-c after removing what JSON can't carry.
private struct ComparableSpan {
    let isAcceptable: Bool
    let resource: [UInt8]?
    let resourceSchemaURL: [UInt8]
    let scope: [UInt8]?
    let scopeSchemaURL: [UInt8]
    let span: [UInt8]

    func difference(from returned: ComparableSpan) -> String? {
        func differ<Value: Equatable>(_ name: String, _ value: KeyPath<ComparableSpan, Value>) -> String? {
            self[keyPath: value] == returned[keyPath: value]
                ? nil : "\(name): \(self[keyPath: value]) became \(returned[keyPath: value])"
        }
        return differ("span", \.span)
            ?? differ("resource", \.resource)
            ?? differ("resource schema URL", \.resourceSchemaURL)
            ?? differ("scope", \.scope)
            ?? differ("scope schema URL", \.scopeSchemaURL)
    }
}

extension ProtobufCRequest {
    fileprivate borrowing func comparableSpans() -> [ComparableSpan] {
        unsafe mapSpans { place in
            let resource = unsafe place.resourceSpans.pointee.resource
            let scope = unsafe place.scopeSpans.pointee.scope
            return ComparableSpan(
                isAcceptable: unsafe DecodedSpan(place.span.pointee, resource: nil).isAcceptable,
                resource: unsafe resource.map { unsafe ComparableMessage.encode($0) },
                resourceSchemaURL: unsafe Array(place.resourceSpans.pointee.schema_url),
                scope: unsafe scope.map { unsafe ComparableMessage.encode($0) },
                scopeSchemaURL: unsafe Array(place.scopeSpans.pointee.schema_url),
                span: unsafe ComparableMessage.encode(place.span)
            )
        }
    }
}
