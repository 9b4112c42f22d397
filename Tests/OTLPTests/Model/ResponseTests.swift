import OTLP
import Testing

/// The bytes and texts are those of the official Python packages `opentelemetry-proto` and `googleapis-common-protos`.
@Suite struct ResponseTests {
    @Test func `full success leaves partial success unset`() {
        #expect(ExportTraceServiceResponse().protobuf == [])
        #expect(ExportTraceServiceResponse().json == Array("{}".utf8))
        #expect(ExportTraceServiceResponse(SpanRejections()) == ExportTraceServiceResponse())
    }

    @Test func `partial success says how many spans and why`() {
        let response = ExportTraceServiceResponse(rejectedSpans: 3, errorMessage: "3 spans")
        #expect(response.protobuf == bytes(hex: "0a0b0803120733207370616e73"))
        #expect(
            String(decoding: response.json, as: UTF8.self)
                == #"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"3 spans"}}"#)
    }

    @Test func `a status carries its field violations as a BadRequest`() {
        let status = RPCStatus(
            code: .invalidArgument, message: "invalid_request: no",
            fieldViolations: [.init(field: "resourceSpans[0]", description: "must be an array")])
        #expect(
            status.protobuf
                == bytes(
                    hex: """
                        08031213696e76616c69645f726571756573743a206e6f1a530a29747970652e676f6f676c65617069732e636f6d2f67
                        6f6f676c652e7270632e4261645265717565737412260a240a107265736f757263655370616e735b305d12106d757374
                        20626520616e206172726179
                        """))
        let expected = """
            {"code":3,"message":"invalid_request: no","details":[\
            {"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[\
            {"field":"resourceSpans[0]","description":"must be an array"}]}]}
            """
        #expect(String(decoding: status.json, as: UTF8.self) == expected)
    }

    @Test func `a status without violations has no details`() {
        let status = RPCStatus(code: .unavailable, message: "try \"later\"")
        #expect(status.protobuf == bytes(hex: "080e 120b") + Array("try \"later\"".utf8))
        #expect(String(decoding: status.json, as: UTF8.self) == #"{"code":14,"message":"try \"later\""}"#)
    }
}
