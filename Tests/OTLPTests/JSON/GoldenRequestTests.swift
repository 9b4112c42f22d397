import OTLP
import Testing

@Suite struct GoldenRequestTests {
    @Test func `protobuf becomes the official JSON, character by character`() throws {
        let written = try requestJSON(GoldenRequest.protobuf)
        #expect(written == withoutWhitespace(GoldenRequest.json))
    }

    @Test func `JSON becomes the official protobuf, byte by byte`() throws {
        #expect(try OTLPJSON.transcodeRequest(Array(GoldenRequest.json.utf8)) == GoldenRequest.protobuf)
    }

    @Test func `a seeded request goes to JSON and back unchanged`() throws {
        var builder = RequestBuilder(seed: 7)
        let request = builder.request(spanCount: 50)
        #expect(try OTLPJSON.transcodeRequest(Array(requestJSON(request).utf8)) == request)
    }

    /// https://github.com/open-telemetry/opentelemetry-proto/blob/v1.10.0/examples/trace.json
    @Test func `the example of the specification is understood`() throws {
        let example = """
            {"resourceSpans": [{
                "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "my.service"}}]},
                "scopeSpans": [{
                    "scope": {"name": "my.library", "version": "1.0.0", "attributes": [
                        {"key": "my.scope.attribute", "value": {"stringValue": "some scope attribute"}}]},
                    "spans": [{
                        "traceId": "5B8EFFF798038103D269B633813FC60C",
                        "spanId": "EEE19B7EC3C1B174",
                        "parentSpanId": "EEE19B7EC3C1B173",
                        "name": "I'm a server span",
                        "startTimeUnixNano": "1544712660000000000",
                        "endTimeUnixNano": "1544712661000000000",
                        "kind": 2,
                        "attributes": [{"key": "my.span.attr", "value": {"stringValue": "some value"}}]
                    }]
                }]
            }]}
            """
        let request = try OTLPJSON.transcodeRequest(Array(example.utf8))
        let outline = try TraceRequestWalker.walk(request)
        let span = try #require(outline.spans.first)
        #expect(span.traceID.hex == "5b8efff798038103d269b633813fc60c")
        #expect(span.parentSpanID.hex == "eee19b7ec3c1b173")
        #expect(text(span.name, of: request) == "I'm a server span")
        #expect(span.kind == 2)
        #expect(span.endTimeUnixNano - span.startTimeUnixNano == 1_000_000_000)
        #expect(text(outline.groups[span.group].serviceName, of: request) == "my.service")
    }

    /// The request as one OTLP/JSON text; works for requests in which every group has spans and sound ids.
    private func requestJSON(_ request: [UInt8]) throws -> String {
        let outline = try TraceRequestWalker.walk(request)
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("resourceSpans")
        writer.beginArray()
        try request.withBytes { (bytes) throws(OTLPError) in
            writer.beginObject()
            try outline.envelope(outline.groups[0].resourceEnvelope, of: bytes).withBytes {
                (envelope) throws(OTLPError) in try OTLPJSON.writeResourceSpansMembers(envelope, to: &writer)
            }
            writer.key("scopeSpans")
            writer.beginArray()
            for (index, group) in outline.groups.enumerated() {
                writer.beginObject()
                try outline.envelope(group.scopeEnvelope, of: bytes).withBytes { (envelope) throws(OTLPError) in
                    try OTLPJSON.writeScopeSpansMembers(envelope, to: &writer)
                }
                writer.key("spans")
                writer.beginArray()
                for span in outline.spans where span.group == index {
                    writer.beginObject()
                    try OTLPJSON.writeSpanMembers(bytes.extracting(span.bytes), to: &writer)
                    writer.endObject()
                }
                writer.endArray()
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func withoutWhitespace(_ json: String) -> String {
        var isInString = false
        var isEscaped = false
        var result = String.UnicodeScalarView()
        for scalar in json.unicodeScalars where isInString || (scalar != " " && scalar != "\n") {
            result.append(scalar)
            if scalar == "\"", !isEscaped { isInString.toggle() }
            isEscaped = scalar == "\\" && !isEscaped
        }
        return String(result)
    }
}
