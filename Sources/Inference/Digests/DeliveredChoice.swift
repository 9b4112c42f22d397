/// What a client has got of one choice, as far as it is held to be hashed in the end.
struct DeliveredChoice: Sendable {
    /// As far as its pieces are whole. That of choice 0 is hashed as it comes, and not held here.
    private var text: [UInt8] = []
    private var pieces = JoinedText()
    private var toolCalls: [Int64: DeliveredToolCall] = [:]

    var hasToolCalls: Bool { !toolCalls.isEmpty }

    /// The text in UTF-8.
    var wholeText: [UInt8] {
        var (text, pieces) = (text, pieces)
        pieces.end(&text)
        return text
    }

    /// Adds the inside of one more string of the text.
    mutating func add(_ piece: Range<Int>, of bytes: RawSpan) {
        pieces.append(piece, of: bytes, to: &text)
    }

    /// Adds the elements of a `tool_calls` array. In a chunk they say which calls they belong to; else they stand in
    /// their order.
    mutating func add(
        toolCalls value: JSONValue, of bytes: RawSpan, isChunk: Bool
    ) throws(InferenceError) {
        var cursor = JSONCursor(value.range, by: .provider)
        var array = try cursor.beginArray(in: bytes)
        while try cursor.nextElement(of: &array, in: bytes) {
            guard cursor.nextKind(in: bytes) == .object else {
                _ = try cursor.skipValue(in: bytes)
                continue
            }
            let piece = try DeliveredToolCall.Piece(&cursor, in: bytes)
            let place = Int64(array.count - 1)
            toolCalls[isChunk ? piece.index ?? place : place, default: DeliveredToolCall()].add(piece, of: bytes)
        }
    }

    /// Appends the text as a member of canonical JSON, with a comma behind it, if there is any.
    func appendContent(to json: inout [UInt8]) {
        let text = wholeText
        guard !text.isEmpty else { return }
        json.append(copying: #""content":"#)
        CanonicalString.append(text, to: &json)
        json.append(UInt8(ascii: ","))
    }

    /// Appends the tool calls as a member, with a comma before it, if there are any.
    func appendToolCalls(to json: inout [UInt8]) {
        guard !toolCalls.isEmpty else { return }
        var separator: StaticString = #","tool_calls":["#
        for (_, call) in toolCalls.sorted(by: { $0.key < $1.key }) {
            json.append(copying: separator)
            call.append(to: &json)
            separator = ","
        }
        json.append(UInt8(ascii: "]"))
    }
}
