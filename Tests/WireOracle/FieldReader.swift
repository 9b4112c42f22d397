/// Splits an encoded message into its fields. As plain as can be, since it checks a parser that is built for speed.
///
/// https://protobuf.dev/programming-guides/encoding/
struct FieldReader {
    struct Field {
        let number: UInt32
        /// The whole field, tag included.
        let bytes: ArraySlice<UInt8>
        /// What is inside, for a length-delimited field.
        let content: ArraySlice<UInt8>?
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// The next field, or nil if there is no well-formed one.
    mutating func next() -> Field? {
        let start = rest
        guard let tag = varint(lengthMax: 5), let number = UInt32(exactly: tag >> 3) else { return nil }
        var content: ArraySlice<UInt8>?
        switch tag & 7 {
        case 0:
            guard varint(lengthMax: 10) != nil else { return nil }
        case 1:
            guard take(8) != nil else { return nil }
        case 2:
            guard let length = varint(lengthMax: 5), let taken = take(Int(length)) else { return nil }
            content = taken
        case 5:
            guard take(4) != nil else { return nil }
        default:
            return nil
        }
        return Field(number: number, bytes: start[..<rest.startIndex], content: content)
    }

    private mutating func varint(lengthMax: Int) -> UInt64? {
        var value: UInt64 = 0
        for index in 0..<lengthMax {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7f) << (7 * UInt64(index))
            if byte < 0x80 { return value }
        }
        return nil
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}
