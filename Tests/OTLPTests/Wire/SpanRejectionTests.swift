import OTLP
import Testing

@Suite struct SpanRejectionTests {
    private static let zeros = [UInt8](repeating: 0, count: 16)

    /// Walks a sound span, one made by `body`, and another sound one.
    private func rejections(_ body: (inout WireWriter) -> Void) throws -> SpanRejections {
        let outline = try TraceRequestWalker.walk(
            requestHoldingScopeSpans({ scopeSpans in
                scopeSpans.message(2) { $0.ids() }
                scopeSpans.message(2, body)
                scopeSpans.message(2) { $0.ids() }
            }))
        #expect(outline.spans.count == 3 - outline.rejections.count)
        return outline.rejections
    }

    @Test func `a span with a wrong id is left out alone, and counted by reason`() throws {
        #expect(try rejections { $0.ids(trace: []) }[.traceIDLength] == 1)
        #expect(try rejections { $0.ids(trace: [1, 2, 3]) }[.traceIDLength] == 1)
        #expect(try rejections { $0.ids(trace: Self.zeros + [1]) }[.traceIDLength] == 1)
        #expect(try rejections { $0.ids(trace: Self.zeros) }[.traceIDZero] == 1)
        #expect(try rejections { $0.ids(span: []) }[.spanIDLength] == 1)
        #expect(try rejections { $0.ids(span: Self.zeros) }[.spanIDLength] == 1)
        #expect(try rejections { $0.ids(span: [0, 0, 0, 0, 0, 0, 0, 0]) }[.spanIDZero] == 1)
        #expect(try rejections { $0.ids(parent: [1]) }[.parentSpanIDLength] == 1)
        #expect(try rejections { $0.link { $0.content(1, [1]) } }[.linkTraceIDLength] == 1)
        #expect(try rejections { $0.link { $0.content(2, [1]) } }[.linkSpanIDLength] == 1)
    }

    @Test func `an all-zero parent and a link without ids are accepted`() throws {
        #expect(try rejections { $0.ids(parent: [0, 0, 0, 0, 0, 0, 0, 0]) }.count == 0)
        #expect(try rejections { $0.link { $0.string(3, "state") } }.count == 0)
    }

    @Test func `the message counts spans and reasons`() throws {
        let outline = try TraceRequestWalker.walk(
            requestHoldingScopeSpans({ scopeSpans in
                scopeSpans.message(2) { $0.ids(trace: []) }
                scopeSpans.message(2) { $0.ids(span: []) }
                scopeSpans.message(2) { $0.ids(trace: [1]) }
            }))
        #expect(
            outline.rejections.message
                == "3 spans were rejected: 2 with a trace_id that is not 16 bytes long, 1 with a span_id that is not 8 "
                + "bytes long.")
        #expect(SpanRejections().message.isEmpty)
    }

    @Test func `the message of every reason together stays below 1 KiB`() {
        var rejections = SpanRejections()
        for reason in SpanRejections.Reason.allCases {
            for _ in 0..<1_000 { rejections.add(reason) }
        }
        #expect(rejections.count == 1_000 * SpanRejections.Reason.allCases.count)
        #expect(rejections.message.utf8.count < 1_024)
    }

    @Test func `a stand-alone span with a wrong id is an error`() {
        let found = error { () throws(OTLPError) in
            _ = try message { $0.ids(span: []) }.withBytes { (span) throws(OTLPError) in
                try TraceRequestWalker.outline(ofSpan: span)
            }
        }
        #expect(found?.code == .invalidValue)
    }
}
