import OTLP
import Testing

@Suite struct OTLPAttributesTests {
    private static let span = message { span in
        span.string(5, "name")
        span.attribute("string") { $0.string(1, "text") }
        span.attribute("int") { $0.varint(3, UInt64(bitPattern: -5)) }
        span.attribute("bool") { $0.varint(2, 1) }
        span.attribute("double") { $0.double(4, 0.1) }
        span.attribute("bytes") { $0.content(7, Array("text".utf8)) }
        span.attribute("array") { $0.message(5) { $0.message(1) { $0.string(1, "text") } } }
        span.attribute("twice") { $0.string(1, "one") }
        span.attribute("twice") { $0.string(1, "two") }
        span.message(9) { $0.string(1, "valueless") }
    }

    private func has(_ key: String, _ value: String) throws -> Bool {
        try Self.span.withBytes { (span) throws(OTLPError) in
            try key.withUTF8Bytes { (key) throws(OTLPError) in
                try value.withUTF8Bytes { (value) throws(OTLPError) in
                    try OTLPAttributes.span(span, has: key, equalTo: value)
                }
            }
        }
    }

    @Test(arguments: [
        ("string", "text"), ("int", "-5"), ("bool", "true"), ("double", "0.1"), ("twice", "one"), ("twice", "two"),
    ])
    func `a scalar matches the text it reads like`(key: String, value: String) throws {
        #expect(try has(key, value))
    }

    @Test(arguments: [
        ("string", "tex"), ("string", "text "), ("strin", "text"), ("int", "5"), ("bool", "1"), ("bytes", "text"),
        ("array", "text"), ("valueless", ""), ("absent", ""), ("name", "name"),
    ])
    func `anything else does not match`(key: String, value: String) throws {
        #expect(try !has(key, value))
    }

    @Test func `resource attributes are found in their envelope`() throws {
        let envelope = message { envelope in
            envelope.string(3, "schema")
            envelope.message(1) { $0.attribute(1, "service.name") { $0.string(1, "checkout") } }
        }
        for (value, expected) in [("checkout", true), ("cart", false)] {
            let found = try envelope.withBytes { (envelope) throws(OTLPError) in
                try "service.name".withUTF8Bytes { (key) throws(OTLPError) in
                    try value.withUTF8Bytes { (value) throws(OTLPError) in
                        try OTLPAttributes.resource(ofEnvelope: envelope, has: key, equalTo: value)
                    }
                }
            }
            #expect(found == expected)
        }
    }
}
