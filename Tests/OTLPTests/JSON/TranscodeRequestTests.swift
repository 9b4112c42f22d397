import OTLP
import Testing

@Suite struct TranscodeRequestTests {
    private static let ids = #""traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174""#

    private func transcode(_ json: String) throws(OTLPError) -> [UInt8] {
        try OTLPJSON.transcodeRequest(Array(json.utf8))
    }

    /// Sends one span with the given members through protobuf and back to JSON.
    private func span(_ members: String) throws -> String {
        let request = try transcode(#"{"resourceSpans":[{"scopeSpans":[{"spans":[{\#(Self.ids),\#(members)}]}]}]}"#)
        let span = try #require(try TraceRequestWalker.walk(request).spans.first)
        let written = try spanJSON(Array(request[span.bytes]))
        return written.replacing(Self.ids + ",", with: "").replacing(Self.ids, with: "")
    }

    /// Sends one attribute value through protobuf and back to JSON.
    private func value(_ value: String) throws -> String {
        let text = try span(#""attributes":[{"key":"k","value":\#(value)}]"#)
        return String(text.dropFirst(#"{"attributes":[{"key":"k","value":"#.count).dropLast("}]}".count))
    }

    @Test(arguments: ["{}", #"{"resourceSpans":[]}"#, #"{"resourceSpans":null}"#, #"{"resource_spans":[{}]}"#])
    func `an empty request is an empty message`(json: String) throws {
        #expect(try transcode(json).isEmpty)
    }

    @Test(arguments: ["", "[]", "null", "{", "{} {}", "{\"a\":\"\u{1}\"}", #"{"resourceSpans":[1,]}"#])
    func `what is not one JSON object is refused`(json: String) {
        #expect(error { () throws(OTLPError) in _ = try transcode(json) }?.code == .invalidJSON)
    }

    @Test func `text that is not UTF-8 is refused`() {
        let json = Array(#"{"x":""#.utf8) + [0xFF] + Array(#""}"#.utf8)
        #expect(error { () throws(OTLPError) in _ = try OTLPJSON.transcodeRequest(json) }?.code == .invalidJSON)
    }

    @Test func `unknown and snake_case keys are ignored, and null means absent`() throws {
        let members = #""unknown":[{}],"trace_state":"x","name":null,"status":null,"kind":2,"events":[{"naem":1}]"#
        #expect(try span(members) == #"{"kind":2,"events":[{}]}"#)
    }

    @Test func `presence of messages is kept, defaults of scalars are left out`() throws {
        #expect(try span(#""name":"","kind":0,"startTimeUnixNano":"0","flags":0,"status":{}"#) == #"{"status":{}}"#)
        #expect(
            try span(#""links":[{}],"attributes":[{"key":"","value":{}},{}]"#)
                == #"{"attributes":[{"value":{}},{}],"links":[{}]}"#)
    }

    @Test(arguments: [
        ("1", "1"), ("\"1\"", "1"), ("1.0", "1"), ("1e3", "1000"), ("\"1e3\"", "1000"), ("\"2.0\"", "2"),
        ("18446744073709551615", "18446744073709551615"), ("\"18446744073709551615\"", "18446744073709551615"),
    ])
    func `unsigned 64-bit integers come as numbers or strings`(written: String, read: String) throws {
        #expect(try span(#""startTimeUnixNano":\#(written)"#) == #"{"startTimeUnixNano":"\#(read)"}"#)
    }

    @Test(arguments: [
        (#"{"intValue":-9223372036854775808}"#, #"{"intValue":"-9223372036854775808"}"#),
        (#"{"intValue":"9223372036854775807"}"#, #"{"intValue":"9223372036854775807"}"#),
        (#"{"intValue":0}"#, #"{"intValue":"0"}"#),
        (#"{"doubleValue":1}"#, #"{"doubleValue":1.0}"#),
        (#"{"doubleValue":"1.5e2"}"#, #"{"doubleValue":150.0}"#),
        (#"{"doubleValue":-0.0}"#, #"{"doubleValue":-0.0}"#),
        (#"{"doubleValue":"NaN"}"#, #"{"doubleValue":"NaN"}"#),
        (#"{"doubleValue":"Infinity"}"#, #"{"doubleValue":"Infinity"}"#),
        (#"{"doubleValue":"-Infinity"}"#, #"{"doubleValue":"-Infinity"}"#),
        (#"{"boolValue":false}"#, #"{"boolValue":false}"#),
        (#"{"stringValue":""}"#, #"{"stringValue":""}"#),
        (#"{"stringValue":"\ud83c\udf89\u0000"}"#, "{\"stringValue\":\"🎉\\u0000\"}"),
        (#"{"bytesValue":"+/+/"}"#, #"{"bytesValue":"+/+/"}"#),
        (#"{"bytesValue":"-_-_"}"#, #"{"bytesValue":"+/+/"}"#),
        (#"{"bytesValue":"AA"}"#, #"{"bytesValue":"AA=="}"#),
        (#"{"bytesValue":"AA=="}"#, #"{"bytesValue":"AA=="}"#),
        (#"{"bytesValue":""}"#, #"{"bytesValue":""}"#),
        (#"{"arrayValue":{"values":[{},{"intValue":1}]}}"#, #"{"arrayValue":{"values":[{},{"intValue":"1"}]}}"#),
        (#"{"arrayValue":{}}"#, #"{"arrayValue":{}}"#),
        (#"{"kvlistValue":{"values":[{"key":"a"}]}}"#, #"{"kvlistValue":{"values":[{"key":"a"}]}}"#),
        (#"{"stringValue":null,"intValue":1}"#, #"{"intValue":"1"}"#),
        ("{}", "{}"),
    ])
    func `every kind of value is read`(written: String, read: String) throws {
        #expect(try value(written) == read)
    }

    @Test(arguments: [
        (#""kind":"SPAN_KIND_SERVER""#, "kind"), (#""kind":"2""#, "kind"), (#""kind":2147483648"#, "kind"),
        (#""name":1"#, "name"), (#""startTimeUnixNano":-1"#, "startTimeUnixNano"),
        (#""startTimeUnixNano":"18446744073709551616""#, "startTimeUnixNano"),
        (#""startTimeUnixNano":1.5"#, "startTimeUnixNano"), (#""startTimeUnixNano":" 1""#, "startTimeUnixNano"),
        (#""startTimeUnixNano":"0x10""#, "startTimeUnixNano"), (#""startTimeUnixNano":"""#, "startTimeUnixNano"),
        (#""flags":4294967296"#, "flags"), (#""traceState":{}"#, "traceState"), (#""events":{}"#, "events"),
        (#""events":[{},[]]"#, "events[1]"), (#""links":[{"flags":true}]"#, "links[0].flags"),
        (#""status":{"code":"STATUS_CODE_OK"}"#, "status.code"), (#""status":[]"#, "status"),
        (#""spanId":5"#, "spanId"), (#""attributes":[null]"#, "attributes[0]"),
        (#""attributes":[{"key":1}]"#, "attributes[0].key"), (#""attributes":[{"value":"x"}]"#, "attributes[0].value"),
        (#""attributes":[{"value":{"intValue":1,"stringValue":""}}]"#, "attributes[0].value"),
        (#""attributes":[{"value":{"boolValue":"true"}}]"#, "attributes[0].value.boolValue"),
        (#""attributes":[{"value":{"doubleValue":"inf"}}]"#, "attributes[0].value.doubleValue"),
        (#""attributes":[{"value":{"bytesValue":"A"}}]"#, "attributes[0].value.bytesValue"),
        (#""attributes":[{"value":{"bytesValue":"A*=="}}]"#, "attributes[0].value.bytesValue"),
        (
            #""attributes":[{"value":{"arrayValue":{"values":[{},{"intValue":"x"}]}}}]"#,
            "attributes[0].value.arrayValue.values[1].intValue"
        ),
    ])
    func `a known member of the wrong type or range fails the request and is named`(members: String, path: String) {
        let found = error { () throws(OTLPError) in
            _ = try transcode(#"{"resourceSpans":[{},{"scopeSpans":[{"spans":[{\#(members)}]}]}]}"#)
        }
        #expect(found?.code == .invalidValue)
        #expect(found?.field == "resourceSpans[1].scopeSpans[0].spans[0]." + path)
    }

    @Test(arguments: [
        (#""traceId":"W47/95gDgQPSabYzgT/GDA==","spanId":"eee19b7ec3c1b174""#, SpanRejections.Reason.traceIDLength),
        (#""traceId":"zzzzzzzzzzzzzzzz","spanId":"eee19b7ec3c1b174""#, .traceIDLength),
        (#""spanId":"eee19b7ec3c1b174""#, .traceIDLength),
        (#""traceId":"00000000000000000000000000000000","spanId":"eee19b7ec3c1b174""#, .traceIDZero),
        (#""traceId":"5b8efff798038103d269b633813fc60c","spanId":"7uGbfsPBsXQ=""#, .spanIDLength),
        (#""traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b17""#, .spanIDLength),
        (
            #""traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","parentSpanId":"x""#,
            .parentSpanIDLength
        ),
    ])
    func `a wrong id rejects its span alone`(members: String, reason: SpanRejections.Reason) throws {
        let request = try transcode(#"{"resourceSpans":[{"scopeSpans":[{"spans":[{\#(Self.ids)},{\#(members)}]}]}]}"#)
        let outline = try TraceRequestWalker.walk(request)
        #expect(outline.spans.count == 1)
        #expect(outline.rejections.count == 1)
        #expect(outline.rejections[reason] == 1)
    }

    @Test func `values nested 64 levels deep are accepted, 65 are not`() throws {
        func nested(_ levels: Int) -> String {
            let opening = String(repeating: #"{"kvlistValue":{"values":[{"value":"#, count: levels - 1)
            return opening + #"{"intValue":1}"# + String(repeating: "}]}}", count: levels - 1)
        }
        #expect(try value(nested(64)).contains(#""intValue":"1""#))
        let found = error { () throws(OTLPError) in
            _ = try transcode(#"{"resourceSpans":[{"resource":{"attributes":[{"value":\#(nested(65))}]}}]}"#)
        }
        #expect(found?.code == .tooDeep)
    }

    @Test func `JSON nested beyond all reason is refused`() {
        let brackets = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        let json = #"{"unknown":\#(brackets)}"#
        #expect(error { () throws(OTLPError) in _ = try transcode(json) }?.code == .invalidJSON)
    }
}
