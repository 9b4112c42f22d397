internal import OTLP

/// Writes one embedding in the other of its two formats.
///
/// Both hold the same 32-bit floats: base64 is their bytes in little-endian order, and numbers are written as the exact
/// decimal of the float, as OpenAI writes them, so that a client gets equal vectors whichever it asks for.
enum EmbeddingVector {
    /// A JSON string in base64 for an array of numbers, which begins where the cursor stands.
    static func base64(_ cursor: inout JSONCursor, in bytes: RawSpan) throws(InferenceError) -> [UInt8] {
        var floats: [UInt8] = []
        var array = try cursor.beginArray(in: bytes)
        while try cursor.nextElement(of: &array, in: bytes) {
            let value = try cursor.skipValue(in: bytes)
            guard value.kind == .number, let float = DecimalFloat.read(value.range, of: bytes) else {
                throw .unreadable("an embedding has an element that is no number of 32 bits")
            }
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                floats.append(UInt8(truncatingIfNeeded: float.bitPattern >> shift))
            }
        }
        var writer = JSONWriter(reservingCapacity: floats.count / 3 * 4 + 8)
        floats.withRawBytes { writer.base64($0) }
        return writer.bytes
    }

    /// A JSON array of numbers for a string in base64.
    static func numbers(_ string: JSONValue, in bytes: RawSpan) throws(InferenceError) -> [UInt8] {
        var text: [UInt8] = []
        bytes.unescape(string.content) { text.append($0) }
        guard let floats = Base64Text.decode(text), floats.count % 4 == 0 else {
            throw .unreadable("an embedding is not base64 of 32-bit floats")
        }
        var writer = JSONWriter(reservingCapacity: floats.count * 6)
        writer.beginArray()
        for start in stride(from: 0, to: floats.count, by: 4) {
            let float = Float(bitPattern: floats[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
            guard float.isFinite else { throw .unreadable("an embedding has an element that is no number") }
            writer.double(Double(float))
        }
        writer.endArray()
        return writer.bytes
    }
}

/// Base64 in the standard alphabet, with or without padding. https://www.rfc-editor.org/rfc/rfc4648#section-4
enum Base64Text {
    /// The bytes behind the characters; nil if they are something else.
    static func decode(_ text: [UInt8]) -> [UInt8]? {
        let padding = text.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard padding == 0 || text.count % 4 == 0, (text.count - padding) % 4 != 1 else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(text.count / 4 * 3)
        var bits: UInt32 = 0
        var bitCount = 0
        for character in text.dropLast(padding) {
            guard let sextet = sextet(character) else { return nil }
            bits = bits << 6 | sextet
            bitCount += 6
            guard bitCount >= 8 else { continue }
            bitCount -= 8
            result.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
        }
        return result
    }

    private static func sextet(_ character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
