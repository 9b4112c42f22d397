/// What one `AnyValue` holds.
enum AnyValueContent {
    case none
    case string(Range<Int>)
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case array(MessagePieces)
    case keyValueList(MessagePieces)
    case bytes(Range<Int>)
    case stringIndex(Int32)

    /// Reads one `AnyValue`, without looking into its lists.
    ///
    /// The last case of the `oneof` wins; the same list again adds to what is there.
    init(_ value: MessagePieces, in bytes: RawSpan) throws(WireFault) {
        self = .none
        var cursor = PiecesCursor(value)
        while let field = try cursor.nextField(in: bytes) {
            switch AnyValueField(rawValue: field.number) {
            case .string: self = .string(try cursor.current.readContent(field, in: bytes))
            case .bool: self = .bool(try cursor.current.readVarint(field, in: bytes) != 0)
            case .int: self = .int(Int64(bitPattern: try cursor.current.readVarint(field, in: bytes)))
            case .double: self = .double(Double(bitPattern: try cursor.current.readFixed64(field, in: bytes)))
            case .bytes: self = .bytes(try cursor.current.readContent(field, in: bytes))
            case .stringIndex:
                self = .stringIndex(Int32(truncatingIfNeeded: try cursor.current.readVarint(field, in: bytes)))
            case .array:
                var pieces = if case .array(let pieces) = self { pieces } else { MessagePieces() }
                self = .none
                pieces.append(try cursor.current.readContent(field, in: bytes))
                self = .array(pieces)
            case .keyValueList:
                var pieces = if case .keyValueList(let pieces) = self { pieces } else { MessagePieces() }
                self = .none
                pieces.append(try cursor.current.readContent(field, in: bytes))
                self = .keyValueList(pieces)
            case nil: try cursor.current.skip(field, in: bytes)
            }
        }
    }
}

/// What one `KeyValue` holds.
struct KeyValueContent {
    var key: Range<Int> = 0..<0
    var keyStringIndex: Int32 = 0
    /// Nil when the field is absent, which is not the same as an empty `AnyValue`.
    var value: MessagePieces?

    init(_ message: Range<Int>, in bytes: RawSpan) throws(WireFault) {
        var cursor = WireCursor(message)
        while let field = try cursor.nextField(in: bytes) {
            switch KeyValueField(rawValue: field.number) {
            case .key: key = try cursor.readContent(field, in: bytes)
            case .keyStringIndex:
                keyStringIndex = Int32(truncatingIfNeeded: try cursor.readVarint(field, in: bytes))
            case .value: value.append(try cursor.readContent(field, in: bytes))
            case nil: try cursor.skip(field, in: bytes)
            }
        }
    }
}

extension MessagePieces? {
    /// Adds a piece; the first one makes the message present.
    mutating func append(_ piece: Range<Int>) {
        var pieces = self ?? MessagePieces()
        self = nil
        pieces.append(piece)
        self = pieces
    }
}
