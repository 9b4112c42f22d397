/// How a field's value is laid out.
/// https://protobuf.dev/programming-guides/encoding/#structure (groups, which OTLP never uses, are left out)
enum WireType: UInt8 {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case fixed32 = 5
}

/// What a tag says about the field that follows it.
struct WireField {
    let number: UInt32
    let wireType: WireType
    /// The offset of the tag.
    let start: Int
}

/// Why the walk stopped, and where; becomes an `OTLPError` at the edge of the module.
struct WireFault: Error {
    let code: OTLPError.Code
    let offset: Int
}

/// A reading position within one message.
///
/// The bytes are passed to each call, so the cursor itself is a plain value that can be kept on a stack. It never reads
/// at or beyond `end`, the end of the message it was made for, whatever the lengths inside the message claim.
struct WireCursor {
    private(set) var position: Int
    let end: Int

    init(_ message: Range<Int>) {
        position = message.lowerBound
        end = message.upperBound
    }

    /// The next field's tag, or nil at the end of the message.
    @inline(__always)
    mutating func nextField(in bytes: RawSpan) throws(WireFault) -> WireField? {
        guard position < end else { return nil }
        let start = position
        var tag = UInt32(bytes.byte(at: start))
        position = start + 1
        if tag >= 0x80 {
            tag = try readLongTag(from: start, in: bytes)
        }
        guard tag >= 8, let wireType = WireType(rawValue: UInt8(truncatingIfNeeded: tag & 7)) else {
            throw WireFault(code: .malformedTag, offset: start)
        }
        return WireField(number: tag >> 3, wireType: wireType, start: start)
    }

    /// The value of a varint field.
    @inline(__always)
    mutating func readVarint(_ field: WireField, in bytes: RawSpan) throws(WireFault) -> UInt64 {
        guard field.wireType == .varint else { throw WireFault(code: .wrongWireType, offset: field.start) }
        return try readVarint(in: bytes)
    }

    /// The value of a fixed64 or double field.
    @inline(__always)
    mutating func readFixed64(_ field: WireField, in bytes: RawSpan) throws(WireFault) -> UInt64 {
        guard field.wireType == .fixed64 else { throw WireFault(code: .wrongWireType, offset: field.start) }
        let start = position
        try advance(by: 8)
        return bytes.littleEndianUInt64(at: start)
    }

    /// The value of a fixed32 field.
    @inline(__always)
    mutating func readFixed32(_ field: WireField, in bytes: RawSpan) throws(WireFault) -> UInt32 {
        guard field.wireType == .fixed32 else { throw WireFault(code: .wrongWireType, offset: field.start) }
        let start = position
        try advance(by: 4)
        return bytes.littleEndianUInt32(at: start)
    }

    /// Where the content of a bytes or sub-message field lies.
    @inline(__always)
    mutating func readContent(_ field: WireField, in bytes: RawSpan) throws(WireFault) -> Range<Int> {
        guard field.wireType == .lengthDelimited else { throw WireFault(code: .wrongWireType, offset: field.start) }
        return try readContent(in: bytes)
    }

    /// Where the content of a string field lies, once it has been found to be UTF-8.
    @inline(__always)
    mutating func readText(_ field: WireField, in bytes: RawSpan) throws(WireFault) -> Range<Int> {
        let content = try readContent(field, in: bytes)
        guard UTF8Validation.isValid(content, of: bytes) else {
            throw WireFault(code: .invalidUTF8, offset: content.lowerBound)
        }
        return content
    }

    /// Steps over a field whose content nobody needs.
    mutating func skip(_ field: WireField, in bytes: RawSpan) throws(WireFault) {
        switch field.wireType {
        case .varint: _ = try readVarint(in: bytes)
        case .fixed64: try advance(by: 8)
        case .lengthDelimited: _ = try readContent(in: bytes)
        case .fixed32: try advance(by: 4)
        }
    }

    @inline(__always)
    private mutating func advance(by count: Int) throws(WireFault) {
        guard count <= end - position else { throw WireFault(code: .truncated, offset: position) }
        position += count
    }

    @inline(__always)
    private mutating func readContent(in bytes: RawSpan) throws(WireFault) -> Range<Int> {
        guard position < end else { throw WireFault(code: .truncated, offset: position) }
        var count = Int(bytes.byte(at: position))
        position += 1
        if count >= 0x80 {
            count = try readLongLength(startingWith: count, in: bytes)
        }
        let start = position
        try advance(by: count)
        return start..<position
    }

    @inline(__always)
    private mutating func readVarint(in bytes: RawSpan) throws(WireFault) -> UInt64 {
        guard position < end else { throw WireFault(code: .truncated, offset: position) }
        let first = bytes.byte(at: position)
        position += 1
        guard first >= 0x80 else { return UInt64(first) }
        return try readLongVarint(startingWith: first, in: bytes)
    }

    /// A varint of two to ten bytes; its tenth byte may only hold the 64th bit.
    private mutating func readLongVarint(startingWith first: UInt8, in bytes: RawSpan) throws(WireFault) -> UInt64 {
        var value = UInt64(first & 0x7F)
        var shift: UInt64 = 7
        while shift < 70 {
            guard position < end else { throw WireFault(code: .truncated, offset: position) }
            let byte = bytes.byte(at: position)
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 {
                guard shift < 63 || byte <= 1 else { break }
                return value
            }
            shift += 7
        }
        throw WireFault(code: .malformedVarint, offset: position - 1)
    }

    /// A tag of two to five bytes; decoders in C read no further, and 32 bits is all that a tag can have.
    private mutating func readLongTag(from start: Int, in bytes: RawSpan) throws(WireFault) -> UInt32 {
        position = start
        let tag = try readVarint(in: bytes)
        guard position - start <= 5, let tag = UInt32(exactly: tag) else {
            throw WireFault(code: .malformedTag, offset: start)
        }
        return tag
    }

    /// A length of two to five bytes; decoders in C read no further.
    private mutating func readLongLength(startingWith first: Int, in bytes: RawSpan) throws(WireFault) -> Int {
        let start = position - 1
        let length = try readLongVarint(startingWith: UInt8(first), in: bytes)
        guard position - start <= 5 else { throw WireFault(code: .malformedVarint, offset: start) }
        guard let length = Int(exactly: length) else { throw WireFault(code: .truncated, offset: start) }
        return length
    }
}
