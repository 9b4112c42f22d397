package import OTLP

/// A span for tests, every field defaulted.
package struct SpanStub: Sendable {
    package var traceID: TraceID
    package var spanID: SpanID
    package var parentSpanID: SpanID?
    package var name = "operation"
    package var kind = 1
    package var start: UInt64 = 1_000_000_000
    package var end: UInt64 = 2_000_000_000
    package var status: Int?
    package var attributes: [(key: String, value: String)] = []

    package init(trace: UInt64, span: UInt64) {
        traceID = TraceID(high: 0xAAAA, low: trace)
        spanID = SpanID(rawValue: span)
    }

    package func with(_ change: (inout SpanStub) -> Void) -> SpanStub {
        var copy = self
        change(&copy)
        return copy
    }

    /// The Span message, fields in order of number.
    package var message: [UInt8] {
        var writer = WireWriter()
        writer.id(1, [traceID.high, traceID.low])
        writer.id(2, [spanID.rawValue])
        if let parentSpanID { writer.id(4, [parentSpanID.rawValue]) }
        writer.string(5, name)
        writer.varint(6, UInt64(kind))
        writer.fixed64(7, start)
        writer.fixed64(8, end)
        for attribute in attributes { writer.attribute(9, attribute.key, attribute.value) }
        if let status {
            writer.message(15) { $0.varint(3, UInt64(status)) }
        }
        return writer.bytes
    }
}

/// An `ExportTraceServiceRequest` with one resource and one scope.
package func requestStub(service: String = "shop", scope: String = "scope", _ spans: [SpanStub]) -> [UInt8] {
    var writer = WireWriter()
    writer.message(1) { resourceSpans in
        resourceSpans.message(1) { $0.attribute(1, "service.name", service) }
        resourceSpans.message(2) { scopeSpans in
            scopeSpans.message(1) { $0.string(1, scope) }
            for span in spans { scopeSpans.submessage(2, span.message) }
        }
    }
    return writer.bytes
}

extension WireWriter {
    fileprivate mutating func id(_ number: UInt32, _ halves: [UInt64]) {
        message(number) { writer in
            for half in halves {
                for shift in stride(from: UInt64(56), through: 0, by: -8) {
                    writer.byte(UInt8(truncatingIfNeeded: half >> shift))
                }
            }
        }
    }

    fileprivate mutating func attribute(_ number: UInt32, _ key: String, _ value: String) {
        message(number) { attribute in
            attribute.string(1, key)
            attribute.message(2) { $0.string(1, value) }
        }
    }

    fileprivate mutating func submessage(_ number: UInt32, _ content: [UInt8]) {
        message(number) { writer in
            for byte in content { writer.byte(byte) }
        }
    }
}
