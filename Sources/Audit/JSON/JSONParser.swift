/// Reads JSON that something signed depends on, so strictly that no two readers can understand it differently.
///
/// It refuses what RFC 8259 lets through and I-JSON doesn't (https://www.rfc-editor.org/rfc/rfc7493): duplicate names,
/// halves of surrogate pairs, a byte order mark; and also fractions, exponents, integers of 2^53 and beyond, more than
/// 32 containers inside each other, and more than 1 MiB.
package struct JSONParser: ~Copyable {
    package static let byteCountMax = 1 << 20
    package static let depthMax = 32

    let bytes: [UInt8]
    var offset = 0
    private var depth = 0
    /// The first thing that is JSON and yet not accepted. Reading goes on, because text with a fault further on is not
    /// JSON at all, and callers tell the two apart.
    private var refusal: AuditError?

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// - Throws: `malformedJSON`, `refusedJSON`.
    package static func parse(_ bytes: [UInt8]) throws(AuditError) -> JSONValue {
        guard bytes.count <= byteCountMax else {
            throw AuditError(.refusedJSON, "the JSON text is larger than 1 MiB")
        }
        var parser = JSONParser(bytes)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            parser.refuse("the JSON text begins with a byte order mark")
            parser.offset = 3
        }
        parser.skipSpace()
        let value = try parser.value()
        parser.skipSpace()
        guard parser.offset == bytes.count else { throw parser.malformed("there is text after the JSON value") }
        if let refusal = parser.refusal { throw refusal }
        return value
    }

    mutating func refuse(_ message: String) {
        if refusal == nil { refusal = AuditError(.refusedJSON, message) }
    }

    func malformed(_ message: String) -> AuditError {
        AuditError(.malformedJSON, "\(message) (at byte \(offset))")
    }

    var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }
}

// MARK: - Values

extension JSONParser {
    private mutating func value() throws(AuditError) -> JSONValue {
        switch next {
        case UInt8(ascii: "{"): return .object(try nested { parser throws(AuditError) in try parser.object() })
        case UInt8(ascii: "["): return .array(try nested { parser throws(AuditError) in try parser.array() })
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return .integer(try number())
        }
    }

    private mutating func nested<R>(
        _ body: (inout JSONParser) throws(AuditError) -> R
    ) throws(AuditError) -> R {
        guard depth < Self.depthMax else { throw AuditError(.refusedJSON, "the JSON text is nested too deeply") }
        depth += 1
        offset += 1
        let result = try body(&self)
        depth -= 1
        return result
    }

    private mutating func object() throws(AuditError) -> JSONObject {
        var members: [JSONObject.Member] = []
        var names: Set<[UInt8]> = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return JSONObject() }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw malformed("a member has no name") }
            let name = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw malformed("a colon is missing") }
            skipSpace()
            let value = try value()
            if names.insert(Array(name.utf8)).inserted {
                members.append(JSONObject.Member(name: name, value: value))
            } else {
                refuse("an object has two members of one name")
            }
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw malformed("an object has no end") }
        return JSONObject(members)
    }

    private mutating func array() throws(AuditError) -> [JSONValue] {
        var elements: [JSONValue] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return elements }
        repeat {
            skipSpace()
            elements.append(try value())
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw malformed("an array has no end") }
        return elements
    }

    private mutating func literal(_ word: String, _ value: JSONValue) throws(AuditError) -> JSONValue {
        guard bytes[offset...].starts(with: word.utf8) else { throw malformed("there is no JSON value") }
        offset += word.utf8.count
        return value
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        offset += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }
}
