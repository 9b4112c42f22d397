import OTLP
import Testing
import TraceStore

@testable import APIServer

@Suite struct CursorTests {
    @Test func `positions survive their text`() throws {
        let trace = TracePosition(startTimeUnixNano: .max, traceID: TraceID(high: 1, low: .max))
        #expect(try Cursor.tracePosition(Cursor.text(trace)) == trace)
        let span = SpanPosition(
            traceID: TraceID(high: 3, low: 4), startTimeUnixNano: 5, spanID: SpanID(rawValue: 6), copy: 7)
        #expect(try Cursor.spanPosition(Cursor.text(span)) == span)
    }

    @Test(arguments: ["", "x", "!!!!", "AAAA", String(repeating: "A", count: 31), String(repeating: "é", count: 32)])
    func `what we never gave out is refused by name`(text: String) throws {
        let error = try #require(throws: APIError.self) { try Cursor.tracePosition(text) }
        #expect(error.parameter == "cursor")
    }
}
