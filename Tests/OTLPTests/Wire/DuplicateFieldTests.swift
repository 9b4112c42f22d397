import OTLP
import Testing

/// https://protobuf.dev/programming-guides/encoding/#last-one-wins
@Suite struct DuplicateFieldTests {
    @Test func `the last of several scalars wins`() throws {
        let request = requestHoldingSpan { span in
            span.string(5, "first")
            span.varint(6, 1)
            span.ids(trace: [UInt8](repeating: 7, count: 16))
            span.string(5, "last")
            span.varint(6, 2)
        }
        let span = try #require(try TraceRequestWalker.walk(request).spans.first)
        #expect(text(span.name, of: request) == "last")
        #expect(span.kind == 2)
        #expect(span.traceID.hex == String(repeating: "07", count: 16))
    }

    @Test func `pieces of a status are merged`() throws {
        let request = requestHoldingSpan { span in
            span.message(15) { $0.varint(3, 2) }
            span.message(15) { $0.string(2, "why") }
        }
        let span = try #require(try TraceRequestWalker.walk(request).spans.first)
        #expect(span.statusCode == 2)
        #expect(try spanJSON(Array(request[span.bytes])).contains(#""status":{"message":"why","code":2}"#))
    }

    @Test func `the last case of a value wins, and the same list again is added to`() throws {
        let span = message { span in
            span.attribute("scalar") { value in
                value.string(1, "old")
                value.varint(3, 5)
            }
            span.attribute("list") { value in
                value.message(5) { $0.message(1) { $0.varint(3, 1) } }
                value.message(5) { $0.message(1) { $0.varint(3, 2) } }
            }
            span.attribute("list again") { value in
                value.message(5) { $0.message(1) { $0.varint(3, 1) } }
                value.varint(2, 1)
                value.message(5) { $0.message(1) { $0.varint(3, 2) } }
            }
            span.message(9) { attribute in
                attribute.message(2) { $0.message(6) { $0.attribute(1, "a") { $0.varint(3, 1) } } }
                attribute.string(1, "pieces")
                attribute.message(2) { _ in }
                attribute.message(2) { $0.message(6) { $0.attribute(1, "b") { _ in } } }
            }
        }
        let expected = """
            {"attributes":[\
            {"key":"scalar","value":{"intValue":"5"}},\
            {"key":"list","value":{"arrayValue":{"values":[{"intValue":"1"},{"intValue":"2"}]}}},\
            {"key":"list again","value":{"arrayValue":{"values":[{"intValue":"2"}]}}},\
            {"key":"pieces","value":{"kvlistValue":{"values":[\
            {"key":"a","value":{"intValue":"1"}},{"key":"b","value":{}}]}}}\
            ]}
            """
        #expect(try spanJSON(span) == expected)
    }

    @Test func `pieces of a resource are merged, and the first of equal keys names the service`() throws {
        let envelope = message { envelope in
            envelope.message(1) { resource in
                resource.message(1) { attribute in
                    attribute.message(2) { $0.string(1, "one") }
                    attribute.string(1, "service.name")
                    attribute.message(2) { _ in }
                }
                resource.varint(2, 4)
            }
            envelope.message(1) { $0.attribute(1, "service.name") { $0.string(1, "two") } }
        }
        let request = requestHoldingResourceSpans { resourceSpans in
            resourceSpans.fields(envelope)
            resourceSpans.message(2) { $0.message(2) { $0.ids() } }
        }
        let group = try #require(try TraceRequestWalker.walk(request).groups.first)
        #expect(text(group.serviceName, of: request) == "one")

        var writer = JSONWriter()
        writer.beginObject()
        try envelope.withBytes { (envelope) throws(OTLPError) in
            try OTLPJSON.writeResourceSpansMembers(envelope, to: &writer)
        }
        writer.endObject()
        let expected = """
            {"resource":{"attributes":[\
            {"key":"service.name","value":{"stringValue":"one"}},\
            {"key":"service.name","value":{"stringValue":"two"}}],"droppedAttributesCount":4}}
            """
        #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
    }
}
