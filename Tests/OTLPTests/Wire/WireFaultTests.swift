import OTLP
import Testing

/// Each message is refused as a whole, for the reason given.
@Suite struct WireFaultTests {
    @Test(arguments: [
        ("00", OTLPError.Code.malformedTag, "field number 0"),
        ("0b", .malformedTag, "a group begins"),
        ("0c", .malformedTag, "a group ends"),
        ("0e00", .malformedTag, "wire type 6"),
        ("0f00", .malformedTag, "wire type 7"),
        ("8a8080808000 00", .malformedTag, "a tag padded to six bytes"),
        ("f8ffffff1f 00", .malformedTag, "a tag beyond 32 bits"),
        ("80", .truncated, "a cut tag"),
        ("0a", .truncated, "no length"),
        ("0a05 00", .truncated, "a length beyond the message"),
        ("0a 8080808000 00", .malformedTag, "a padded length of five bytes is fine, what follows is not"),
        ("0a 808080808000", .malformedVarint, "a length of six bytes"),
        ("0a ffffffff7f", .truncated, "a length beyond 2 GiB"),
        ("a006 ffffffffffffffffff02", .malformedVarint, "a varint wider than 64 bits"),
        ("a006 80808080808080808080 01", .malformedVarint, "a varint of eleven bytes"),
        ("a006 8080", .truncated, "a cut varint"),
        ("a106 00000000000000", .truncated, "a cut fixed64"),
        ("a506 000000", .truncated, "a cut fixed32"),
        ("0801", .wrongWireType, "resource_spans as a varint"),
        ("0a02 0801", .wrongWireType, "resource as a varint"),
        ("0a04 1202 1000", .wrongWireType, "spans as a varint"),
        ("0a03 1a01ff", .invalidUTF8, "schema_url of a resource"),
        ("0a05 1203 1a01ff", .invalidUTF8, "schema_url of a scope"),
        ("0a05 0a03 1a010a", .truncated, "an entity_ref cut by its own end"),
        ("0a07 0a05 1a03 1a01ff", .invalidUTF8, "id_keys of an entity_ref"),
        ("0a07 1205 0a03 0a01ff", .invalidUTF8, "the name of a scope"),
    ])
    func `a malformed request is refused`(hex: String, code: OTLPError.Code, what: String) {
        #expect(refusal(of: bytes(hex: hex)) == code, "\(what)")
    }

    @Test func `a length may not reach beyond the enclosing message, even where the request goes on`() {
        let request = message { request in
            request.content(1, [0x12, 0x05, 0x12])
            request.content(1, [UInt8](repeating: 0, count: 16))
        }
        #expect(refusal(of: request) == .truncated)
    }

    @Test(arguments: [
        "0801", "1001", "1801", "2001", "2801", "3200", "3801", "4001", "4801", "5200", "5801", "6200", "6801", "7200",
        "7801", "800101", "4a020801", "4a021001", "4a021a00", "5a020801", "5a021001", "5a021801", "5a022200",
        "6a020801", "6a021001", "6a021801", "6a022001", "6a022a00", "6a023001", "7a021001", "7a021a00",
        "4a0412020801", "4a0412021200", "4a0412021a00", "4a0412022001", "4a0412022801", "4a0412023001",
        "4a0412023801", "4a0412024200",
    ])
    func `a known field of another wire type is refused`(field: String) {
        #expect(refusal(of: requestHoldingSpan({ $0.fields(bytes(hex: field)) })) == .wrongWireType)
    }

    @Test(arguments: [
        "1a01ff", "2a01ff", "4a030a01ff", "4a0512030a01ff", "5a031201ff", "6a031a01ff", "7a031201ff",
        "5a051a030a01ff", "6a0522030a01ff", "4a09 1207 2a05 0a03 0a01ff", "4a09 1207 3205 0a03 0a01ff",
    ])
    func `a string that is not UTF-8 is refused wherever it is known to be a string`(field: String) {
        #expect(refusal(of: requestHoldingSpan({ $0.fields(bytes(hex: field)) })) == .invalidUTF8)
    }

    @Test func `bytes need not be UTF-8`() {
        #expect(refusal(of: requestHoldingSpan({ $0.attribute("b") { $0.content(7, [0xFF]) } })) == nil)
    }

    @Test func `a rejected span is still validated`() {
        let request = requestHoldingScopeSpans { $0.message(2) { $0.fields(bytes(hex: "2a01ff")) } }
        #expect(refusal(of: request) == .invalidUTF8)
    }

    @Test func `a fault says where it is`() {
        let found = error { () throws(OTLPError) in _ = try TraceRequestWalker.walk(bytes(hex: "0a00 0a05 00")) }
        #expect(found?.message == "A field runs past the end of its message, at byte 4.")
    }
}
