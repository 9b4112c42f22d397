/// A tool call as a provider delivers it, whole or in pieces: its `id`, `type`, and its function's `name` and
/// `arguments`. Other members, and values that are no strings, are left out.
/// https://platform.openai.com/docs/api-reference/chat/object
struct DeliveredToolCall: Sendable {
    private var id: [UInt8]?
    private var type: [UInt8]?
    private var name: [UInt8]?
    private var arguments: [UInt8]?
    private var pieces = JoinedText()

    /// Adds a call, or a piece of it: arguments are joined; of all else the last text that is not empty stays.
    mutating func add(_ piece: Piece, of bytes: RawSpan) {
        Self.replace(&id, with: piece.id, in: bytes)
        Self.replace(&type, with: piece.type, in: bytes)
        Self.replace(&name, with: piece.name, in: bytes)
        guard let more = piece.arguments, more.kind == .string else { return }
        pieces.append(more.content, of: bytes, to: &arguments[default: []])
    }

    /// Appends the call as canonical JSON, without the members that were not delivered.
    func append(to json: inout [UInt8]) {
        var (copy, arguments) = (self, arguments)
        if arguments != nil { copy.pieces.end(&arguments[default: []]) }
        var function: [UInt8] = []
        Self.append("arguments", arguments, to: &function)
        Self.append("name", name, to: &function)
        var members: [UInt8] = []
        if !function.isEmpty {
            members.append(copying: #""function":{"#)
            members.append(contentsOf: function)
            members.append(UInt8(ascii: "}"))
        }
        Self.append("id", id, to: &members)
        Self.append("type", type, to: &members)
        json.append(UInt8(ascii: "{"))
        json.append(contentsOf: members)
        json.append(UInt8(ascii: "}"))
    }

    private static func replace(_ text: inout [UInt8]?, with value: JSONValue?, in bytes: RawSpan) {
        guard let value, value.kind == .string, text == nil || !value.content.isEmpty else { return }
        text = JoinedText.text(of: value.content, in: bytes)
    }

    private static func append(_ name: StaticString, _ value: [UInt8]?, to members: inout [UInt8]) {
        guard let value else { return }
        if !members.isEmpty { members.append(UInt8(ascii: ",")) }
        members.append(UInt8(ascii: "\""))
        members.append(copying: name)
        members.append(copying: "\":")
        CanonicalString.append(value, to: &members)
    }
}

extension DeliveredToolCall {
    /// Where one element of a `tool_calls` array says what it says.
    struct Piece {
        var index: Int64?
        var id: JSONValue?
        var type: JSONValue?
        var name: JSONValue?
        var arguments: JSONValue?

        /// Steps over the object that comes next.
        init(_ cursor: inout JSONCursor, in bytes: RawSpan) throws(InferenceError) {
            var call = try cursor.beginObject(in: bytes)
            while let member = try cursor.nextMember(of: &call, in: bytes) {
                if member.isNamed("function", in: bytes), cursor.nextKind(in: bytes) == .object {
                    try readFunction(&cursor, in: bytes)
                    continue
                }
                let value = try cursor.skipValue(in: bytes)
                if member.isNamed("index", in: bytes) {
                    index = value.integer(in: bytes)
                } else if member.isNamed("id", in: bytes) {
                    id = value
                } else if member.isNamed("type", in: bytes) {
                    type = value
                }
            }
        }

        private mutating func readFunction(
            _ cursor: inout JSONCursor, in bytes: RawSpan
        ) throws(InferenceError) {
            var function = try cursor.beginObject(in: bytes)
            while let member = try cursor.nextMember(of: &function, in: bytes) {
                let value = try cursor.skipValue(in: bytes)
                if member.isNamed("name", in: bytes) {
                    name = value
                } else if member.isNamed("arguments", in: bytes) {
                    arguments = value
                }
            }
        }
    }
}

extension [UInt8]? {
    /// The value, or that one in its place.
    fileprivate subscript(default value: [UInt8]) -> [UInt8] {
        get { self ?? value }
        set { self = newValue }
        _modify {
            var text = self.take() ?? value
            defer { self = text }
            yield &text
        }
    }
}
