/// Validates `AnyValue` messages without recursion, whatever their nesting.
///
/// One walker serves a whole request, so that its stack is allocated once at most.
struct AnyValueWalker {
    private enum Message {
        case anyValue
        case array
        case keyValueList
        case keyValue
    }

    private struct Frame {
        let message: Message
        let cursor: WireCursor
    }

    /// The messages that are open around the current one. Bounded by the depth limit: at most three per level.
    private var enclosing: [Frame] = []

    /// Validates an attribute's value, which is level 1.
    ///
    /// Scalars, nearly all there is, are done in this loop; a list goes on in `walkList`.
    @inline(__always)
    mutating func walk(_ value: Range<Int>, in bytes: RawSpan, last: inout LastValue) throws(WireFault) {
        var cursor = WireCursor(value)
        while let field = try cursor.nextField(in: bytes) {
            switch AnyValueField(rawValue: field.number) {
            case .string:
                last = .string(try cursor.readText(field, in: bytes))
            case .array:
                last = .other
                try walkList(.array, try cursor.readContent(field, in: bytes), in: bytes)
            case .keyValueList:
                last = .other
                try walkList(.keyValueList, try cursor.readContent(field, in: bytes), in: bytes)
            case let scalar?:
                last = .other
                try Self.readScalar(scalar, field, with: &cursor, in: bytes)
            case nil:
                try cursor.skip(field, in: bytes)
            }
        }
    }

    /// The value that a `oneof` is left with after all its occurrences so far, as far as the walker cares.
    enum LastValue {
        case none
        case string(Range<Int>)
        case other
    }

    private static func readScalar(
        _ scalar: AnyValueField, _ field: WireField, with cursor: inout WireCursor, in bytes: RawSpan
    ) throws(WireFault) {
        switch scalar {
        case .bool, .int, .stringIndex: _ = try cursor.readVarint(field, in: bytes)
        case .double: _ = try cursor.readFixed64(field, in: bytes)
        case .string: _ = try cursor.readText(field, in: bytes)
        case .bytes, .array, .keyValueList: _ = try cursor.readContent(field, in: bytes)
        }
    }

    private mutating func walkList(_ message: Message, _ list: Range<Int>, in bytes: RawSpan) throws(WireFault) {
        enclosing.removeAll(keepingCapacity: true)
        var current = Frame(message: message, cursor: WireCursor(list))
        var depth = 1
        while true {
            var cursor = current.cursor
            guard let field = try cursor.nextField(in: bytes) else {
                if current.message == .anyValue { depth -= 1 }
                guard let parent = enclosing.popLast() else { return }
                current = parent
                continue
            }
            let child = try Self.child(of: current.message, field, with: &cursor, in: bytes)
            current = Frame(message: current.message, cursor: cursor)
            guard let child else { continue }
            if child.message == .anyValue {
                guard depth < TraceRequestWalker.anyValueDepthMax else {
                    throw WireFault(code: .tooDeep, offset: field.start)
                }
                depth += 1
            }
            enclosing.append(current)
            current = child
        }
    }

    /// Validates one field and returns the message in it, if it holds one.
    private static func child(
        of message: Message, _ field: WireField, with cursor: inout WireCursor, in bytes: RawSpan
    ) throws(WireFault) -> Frame? {
        switch message {
        case .anyValue:
            switch AnyValueField(rawValue: field.number) {
            case .array:
                return Frame(message: .array, cursor: WireCursor(try cursor.readContent(field, in: bytes)))
            case .keyValueList:
                return Frame(message: .keyValueList, cursor: WireCursor(try cursor.readContent(field, in: bytes)))
            case let scalar?:
                try readScalar(scalar, field, with: &cursor, in: bytes)
                return nil
            case nil: break
            }
        case .array, .keyValueList:
            if ListField(rawValue: field.number) == .values {
                let content = try cursor.readContent(field, in: bytes)
                return Frame(message: message == .array ? .anyValue : .keyValue, cursor: WireCursor(content))
            }
        case .keyValue:
            switch KeyValueField(rawValue: field.number) {
            case .key:
                _ = try cursor.readText(field, in: bytes)
                return nil
            case .value:
                return Frame(message: .anyValue, cursor: WireCursor(try cursor.readContent(field, in: bytes)))
            case .keyStringIndex:
                _ = try cursor.readVarint(field, in: bytes)
                return nil
            case nil: break
            }
        }
        try cursor.skip(field, in: bytes)
        return nil
    }
}
