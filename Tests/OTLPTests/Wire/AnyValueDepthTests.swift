import OTLP
import Testing

@Suite struct AnyValueDepthTests {
    /// An `AnyValue` with `levels` levels: lists around an integer.
    private static func nested(_ levels: Int, inMaps: Bool) -> [UInt8] {
        var value = message { $0.varint(3, 1) }
        for _ in 1..<levels {
            let inner = value
            value = message { outer in
                if inMaps {
                    outer.message(6) { $0.message(1) { $0.content(2, inner) } }
                } else {
                    outer.message(5) { $0.content(1, inner) }
                }
            }
        }
        return value
    }

    @Test(arguments: [false, true])
    func `values nested 64 levels deep are accepted, 65 are not`(inMaps: Bool) throws {
        let deepest = requestHoldingSpan { $0.message(9) { $0.content(2, Self.nested(64, inMaps: inMaps)) } }
        let span = try #require(try TraceRequestWalker.walk(deepest).spans.first)
        #expect(try spanJSON(Array(deepest[span.bytes])).contains(#"{"intValue":"1"}"#))

        let tooDeep = requestHoldingSpan { $0.message(9) { $0.content(2, Self.nested(65, inMaps: inMaps)) } }
        #expect(refusal(of: tooDeep) == .tooDeep)
    }

    @Test(arguments: [false, true])
    func `values that nobody has validated are not written beyond the limit either`(inMaps: Bool) {
        let span = message { $0.message(9) { $0.content(2, Self.nested(65, inMaps: inMaps)) } }
        #expect(throws: OTLPError.self) { _ = try spanJSON(span) }
    }

    @Test func `thousands of levels are refused without recursion`() {
        var value: [UInt8] = []
        for _ in 0..<2_000 {
            let inner = value
            value = message { $0.message(5) { $0.content(1, inner) } }
        }
        let request = requestHoldingSpan { span in span.message(9) { $0.content(2, value) } }
        #expect(refusal(of: request) == .tooDeep)
    }

    @Test func `width does not count as depth`() {
        let request = requestHoldingSpan { span in
            span.attribute("wide") { value in
                value.message(5) { array in
                    for _ in 0..<500 {
                        array.message(1) { $0.message(5) { $0.message(1) { $0.string(1, "leaf") } } }
                    }
                }
            }
        }
        #expect(refusal(of: request) == nil)
    }

    @Test func `resource, scope, event and link attributes are bound by the same depth`() {
        let attribute = message { $0.content(2, Self.nested(65, inMaps: false)) }
        #expect(refusal(of: requestHoldingResourceSpans({ $0.message(1) { $0.content(1, attribute) } })) == .tooDeep)
        #expect(refusal(of: requestHoldingScopeSpans({ $0.message(1) { $0.content(3, attribute) } })) == .tooDeep)
        #expect(refusal(of: requestHoldingSpan({ $0.message(11) { $0.content(3, attribute) } })) == .tooDeep)
        #expect(refusal(of: requestHoldingSpan({ $0.message(13) { $0.content(4, attribute) } })) == .tooDeep)
    }
}
