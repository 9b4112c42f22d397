// Members as protobuf's JSON mapping has them: a scalar with its default value is left out.
// https://protobuf.dev/programming-guides/json/#presence-and-default-values

extension JSONWriter {
    @inline(__always)
    mutating func member(_ name: StaticString, unlessEmpty text: Range<Int>, of bytes: RawSpan) {
        guard !text.isEmpty else { return }
        key(name)
        string(utf8: bytes.extracting(text))
    }

    @inline(__always)
    mutating func member(_ name: StaticString, hexUnlessEmpty id: Range<Int>, of bytes: RawSpan) {
        guard !id.isEmpty else { return }
        key(name)
        hex(bytes.extracting(id))
    }

    @inline(__always)
    mutating func member(_ name: StaticString, unlessZero value: some FixedWidthInteger) {
        guard value != 0 else { return }
        key(name)
        integer(value)
    }

    @inline(__always)
    mutating func member(_ name: StaticString, stringUnlessZero value: UInt64) {
        guard value != 0 else { return }
        key(name)
        integerString(value)
    }

    /// Writes the elements of a repeated field as an array, unless there are none.
    mutating func list(
        _ name: StaticString, _ message: MessagePieces, _ number: UInt32, of bytes: RawSpan,
        element: (Range<Int>, inout JSONWriter) throws(WireFault) -> Void
    ) throws(WireFault) {
        var isOpen = false
        var cursor = PiecesCursor(message)
        while let field = try cursor.nextField(in: bytes) {
            guard field.number == number else {
                try cursor.current.skip(field, in: bytes)
                continue
            }
            if !isOpen {
                isOpen = true
                key(name)
                beginArray()
            }
            try element(try cursor.current.readContent(field, in: bytes), &self)
        }
        if isOpen { endArray() }
    }

    mutating func list(
        _ name: StaticString, _ extent: ListExtent, _ number: UInt32, of bytes: RawSpan,
        element: (Range<Int>, inout JSONWriter) throws(WireFault) -> Void
    ) throws(WireFault) {
        guard let extent = extent.range else { return }
        try list(name, MessagePieces(extent), number, of: bytes, element: element)
    }
}

/// Where a repeated field's elements lie in their message: from the first to the last one, with whatever is between.
///
/// Encoders write a list in one run, so that a second pass over the extent meets nothing else.
struct ListExtent {
    private(set) var range: Range<Int>?

    @inline(__always)
    mutating func include(
        _ field: WireField, with cursor: inout WireCursor, in bytes: RawSpan
    ) throws(WireFault) {
        _ = try cursor.readContent(field, in: bytes)
        range = (range?.lowerBound ?? field.start)..<cursor.position
    }
}

extension WireCursor {
    /// The value of a uint32 field; higher bits are cut off, as every protobuf decoder does.
    @inline(__always)
    mutating func readUInt32(_ field: WireField, in bytes: RawSpan) throws(WireFault) -> UInt32 {
        UInt32(truncatingIfNeeded: try readVarint(field, in: bytes))
    }
}
