import HTTPTypes
import TestSupport
import Testing

@testable import APIServer

@Suite struct TraceContextTests {
    private let valid = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    private func context(_ traceparents: [String], tracestate: [String] = []) -> TraceContext {
        var fields = HTTPFields()
        for value in traceparents { fields.append(HTTPField(name: .traceparent, value: value)) }
        for value in tracestate { fields.append(HTTPField(name: .tracestate, value: value)) }
        var generator = SeededGenerator(seed: 1)
        return TraceContext(fields, using: &generator)
    }

    @Test func `a valid parent is joined with a span of our own`() {
        let context = context([valid], tracestate: ["congo=t61rcWkgMzE"])
        #expect(context.traceID == "0af7651916cd43dd8448eb211c80319c")
        #expect(context.parentSpanID == "b7ad6b7169203331")
        #expect(context.spanID != context.parentSpanID)
        #expect(context.traceparent == "00-0af7651916cd43dd8448eb211c80319c-\(context.spanID)-01")
        #expect(context.tracestate == "congo=t61rcWkgMzE")
    }

    @Test func `an unsampled parent stays unsampled and unknown flags are dropped`() {
        #expect(context([valid.dropLast(2) + "00"]).flags == "00")
        #expect(context([valid.dropLast(2) + "fe"]).flags == "00")
        #expect(context([valid.dropLast(2) + "ff"]).flags == "01")
    }

    @Test func `a later version with more parts is joined`() {
        let later = "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-brings"
        #expect(context([later]).traceID == "0af7651916cd43dd8448eb211c80319c")
    }

    @Test(arguments: [
        "", "00", "hello",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-B7AD6B7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
        "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
        "0-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
    ])
    func `a malformed parent starts a new trace`(header: String) {
        let context = context([header], tracestate: ["congo=t61rcWkgMzE"])
        #expect(context.traceID != "0af7651916cd43dd8448eb211c80319c")
        #expect(context.traceID.count == 32)
        #expect(context.parentSpanID == nil)
        #expect(context.flags == "01")
        #expect(context.tracestate == nil)
    }

    @Test func `two parents start a new trace`() {
        #expect(context([valid, valid]).parentSpanID == nil)
    }

    @Test(arguments: [
        ["a=1", "b=2"], ["a=1,b=2"], [" a=1 ,\tb=2,"], ["tenant@system=value with spaces", "x/y*z-_=1"],
    ])
    func `a well formed state is kept in order`(headers: [String]) {
        let state = context([valid], tracestate: headers).tracestate
        #expect(state?.hasPrefix("a=1,b=2") == true || state == "tenant@system=value with spaces,x/y*z-_=1")
    }

    @Test(arguments: [
        "a", "=1", "A=1", "a=1,a=2", "a=b=c", "a@b@c=1", "1a=1", "a=\u{7F}",
        (0..<33).map { "k\($0)=v" }.joined(separator: ","), "a=" + String(repeating: "x", count: 257),
    ])
    func `a malformed state is dropped and the parent kept`(header: String) {
        let context = context([valid], tracestate: [header])
        #expect(context.tracestate == nil)
        #expect(context.parentSpanID == "b7ad6b7169203331")
    }
}
