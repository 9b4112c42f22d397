import OTLP
import Testing

@Suite struct TraceRequestWalkerTests {
    @Test(arguments: ["", "0a00", "0a021200", "0a020a00"])
    func `empty requests and envelopes are accepted and hold no spans`(hex: String) throws {
        let outline = try TraceRequestWalker.walk(bytes(hex: hex))
        #expect(outline.spans.isEmpty)
        #expect(outline.groups.isEmpty)
        #expect(outline.rejections.count == 0)
    }

    @Test func `a span's own facts are listed`() throws {
        let request = requestHoldingSpan { span in
            span.content(4, [0, 0, 0, 0, 0, 0, 1, 0])
            span.string(5, "GET /")
            span.varint(6, 3)
            span.fixed64(7, 1000)
            span.fixed64(8, 2000)
            span.message(15) { $0.varint(3, 2) }
        }
        let span = try #require(try TraceRequestWalker.walk(request).spans.first)
        #expect(span.traceID.hex == String(repeating: "a1", count: 16))
        #expect(span.spanID.hex == String(repeating: "b2", count: 8))
        #expect(span.parentSpanID.rawValue == 256)
        #expect(text(span.name, of: request) == "GET /")
        #expect(span.kind == 3)
        #expect(span.startTimeUnixNano == 1000)
        #expect(span.endTimeUnixNano == 2000)
        #expect(span.statusCode == 2)
        #expect(span.bytes.upperBound == request.count)
        let alone = try request.withBytes { (request) throws(OTLPError) in
            try TraceRequestWalker.outline(ofSpan: request.extracting(span.bytes))
        }
        #expect(alone.bytes == 0..<span.bytes.count)
        #expect(alone.spanID == span.spanID)
        #expect(alone.name.count == 5)
    }

    @Test func `enum numbers that OTLP does not know are kept, negative ones too`() throws {
        let request = requestHoldingSpan { span in
            span.varint(6, UInt64(bitPattern: -7))
            span.message(15) { $0.varint(3, 99) }
        }
        let span = try #require(try TraceRequestWalker.walk(request).spans.first)
        #expect(span.kind == -7)
        #expect(span.statusCode == 99)
    }

    @Test func `spans are grouped by resource and scope, whose fields may come after them`() throws {
        let request = message { request in
            request.message(1) { resourceSpans in
                resourceSpans.message(2) { scopeSpans in
                    scopeSpans.message(2) { $0.ids() }
                    scopeSpans.message(1) { $0.string(1, "late scope") }
                    scopeSpans.string(3, "scope schema")
                }
                resourceSpans.message(2) { $0.string(3, "no spans") }
                resourceSpans.message(2) { $0.message(2) { $0.ids() } }
                resourceSpans.message(1) { $0.attribute(1, "service.name") { $0.string(1, "late") } }
                resourceSpans.varint(99, 5)
            }
            request.varint(50, 1)
            request.message(1) { $0.message(2) { $0.message(2) { $0.ids() } } }
            request.varint(51, 1)
        }
        let outline = try TraceRequestWalker.walk(request)
        #expect(outline.spans.map(\.group) == [0, 1, 2])
        #expect(outline.groups.map { text($0.serviceName, of: request) } == ["late", "late", ""])
        #expect(outline.groups[0].resourceEnvelope == outline.groups[1].resourceEnvelope)
        let envelopes = outline.groups.map { [$0.resourceEnvelope.count, $0.scopeEnvelope.count] }
        #expect(envelopes == [[1, 1], [1, 0], [0, 0]], "adjacent fields are one range")
        request.withBytes { request in
            let resource = outline.envelope(outline.groups[0].resourceEnvelope, of: request)
            #expect(
                resource
                    == message { envelope in
                        envelope.message(1) { $0.attribute(1, "service.name") { $0.string(1, "late") } }
                        envelope.varint(99, 5)
                    })
            #expect(
                outline.envelope(outline.requestEnvelope, of: request)
                    == message { envelope in
                        envelope.varint(50, 1)
                        envelope.varint(51, 1)
                    })
        }
    }

    @Test func `a service name that is not a string counts as none`() throws {
        let request = requestHoldingResourceSpans { resourceSpans in
            resourceSpans.message(1) { $0.attribute(1, "service.name") { $0.varint(3, 5) } }
            resourceSpans.message(2) { $0.message(2) { $0.ids() } }
        }
        #expect(try TraceRequestWalker.walk(request).groups.first?.serviceName.isEmpty == true)
    }

    @Test func `unknown fields of every wire type are stepped over`() throws {
        let unknown = message { writer in
            writer.varint(9999, .max)
            writer.fixed64(9998, 1)
            writer.fixed32(9997, 1)
            writer.content(9996, [0xFF, 0xFE])
        }
        let request = requestHoldingSpan { span in
            span.fields(unknown)
            span.attribute("key") { $0.fields(unknown) }
            span.message(11) { $0.fields(unknown) }
            span.message(13) { $0.fields(unknown) }
            span.message(15) { $0.fields(unknown) }
        }
        #expect(try TraceRequestWalker.walk(request).spans.count == 1)
    }

    @Test func `a seeded request of 512 spans is listed whole`() throws {
        var builder = RequestBuilder(seed: 1)
        let request = builder.request(spanCount: 512)
        let outline = try TraceRequestWalker.walk(request)
        #expect(outline.spans.count == 512)
        #expect(outline.groups.count == 1)
        #expect(text(outline.groups[0].serviceName, of: request) == "checkout")
    }

    @Test func `a request cut anywhere inside a field is refused, never misread`() throws {
        let whole = GoldenRequest.protobuf
        for end in 1..<whole.count {
            #expect(refusal(of: Array(whole[..<end])) == .truncated, "cut after \(end) bytes")
        }
    }

    @Test func `damaged requests never stop the process`() {
        var builder = RequestBuilder(seed: 42)
        for _ in 0..<20_000 {
            var damaged = GoldenRequest.protobuf
            for _ in 0...builder.random() % 4 {
                damaged[Int(builder.random() % UInt64(damaged.count))] = UInt8(truncatingIfNeeded: builder.random())
            }
            guard let outline = try? TraceRequestWalker.walk(damaged) else { continue }  // Refusing is fine.
            for span in outline.spans {
                #expect(throws: Never.self) { _ = try spanJSON(Array(damaged[span.bytes])) }
            }
        }
    }
}
