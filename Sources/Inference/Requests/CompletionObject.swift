/// One JSON object that a provider sends: a whole answer to a chat or completion call, or one chunk of its stream.
/// It says where the members lie that are edited.
/// https://platform.openai.com/docs/api-reference/chat/streaming
struct CompletionObject: Sendable {
    private(set) var object: JSONContainer
    private(set) var models: [Range<Int>] = []
    private(set) var usages: [BodyEdits.Member] = []
    /// Whether it reports usage; a chunk that does not may have `"usage":null`.
    private(set) var hasUsage = false
    /// The number of choices; nil if there is no such array.
    private(set) var choiceCount: Int?
    /// What each of the choices brings.
    private(set) var parts: [ChoicePart] = []
    /// Whether one of the choices ends here.
    private(set) var hasFinishReason = false
    /// The value of `error`, unless that is `null`.
    private(set) var error: JSONValue?
    /// `id`, `object` and `created`, as they stand, if they are strings or numbers.
    private(set) var identity = Identity()

    struct Identity: Sendable {
        var id: Range<Int>?
        var object: Range<Int>?
        var created: Range<Int>?
    }

    /// Whether it is the chunk that reports usage and nothing else.
    var isUsageChunk: Bool { hasUsage && (choiceCount ?? 0) == 0 }

    /// Reads `text`, which must be one object, and adds what it says to `facts`.
    init(_ text: Range<Int>, of bytes: RawSpan, addingTo facts: inout ResponseFacts) throws(InferenceError) {
        var cursor = JSONCursor(text, by: .provider)
        object = try cursor.beginObject(in: bytes)
        while let member = try cursor.nextMember(of: &object, in: bytes) {
            try read(member, &cursor, in: bytes, addingTo: &facts)
        }
        try cursor.finish(in: bytes)
    }

    private mutating func read(
        _ member: JSONMember, _ cursor: inout JSONCursor, in bytes: RawSpan, addingTo facts: inout ResponseFacts
    ) throws(InferenceError) {
        if member.isNamed("choices", in: bytes) {
            try readChoices(&cursor, in: bytes, addingTo: &facts)
        } else if member.isNamed("usage", in: bytes) {
            cursor.skipWhitespace(in: bytes)
            let start = cursor.position
            if let usage = try ReportedUsage.read(&cursor, in: bytes) {
                hasUsage = true
                facts.usage = usage
            }
            usages.append(BodyEdits.Member(member: member, value: start..<cursor.position))
        } else {
            try readName(member, try cursor.skipValue(in: bytes), in: bytes, addingTo: &facts)
        }
    }

    private mutating func readName(
        _ member: JSONMember, _ value: JSONValue, in bytes: RawSpan, addingTo facts: inout ResponseFacts
    ) throws(InferenceError) {
        let range = value.kind == .string || value.kind == .number ? value.range : nil
        if member.isNamed("model", in: bytes) {
            models.append(value.range)
            if facts.model == nil { facts.model = ResponseFacts.name(value, in: bytes) }
        } else if member.isNamed("id", in: bytes) {
            identity.id = range
            if facts.id == nil { facts.id = ResponseFacts.name(value, in: bytes) }
        } else if member.isNamed("object", in: bytes) {
            identity.object = range
        } else if member.isNamed("created", in: bytes) {
            identity.created = range
        } else if member.isNamed("error", in: bytes), value.kind != .null {
            error = value
        }
    }
}

// MARK: - Choices

extension CompletionObject {
    private mutating func readChoices(
        _ cursor: inout JSONCursor, in bytes: RawSpan, addingTo facts: inout ResponseFacts
    ) throws(InferenceError) {
        guard cursor.nextKind(in: bytes) == .array else {
            _ = try cursor.skipValue(in: bytes)
            return
        }
        var choices = try cursor.beginArray(in: bytes)
        while try cursor.nextElement(of: &choices, in: bytes) {
            guard cursor.nextKind(in: bytes) == .object else {
                _ = try cursor.skipValue(in: bytes)
                continue
            }
            try readChoice(&cursor, in: bytes, addingTo: &facts)
        }
        choiceCount = choices.count
    }

    private mutating func readChoice(
        _ cursor: inout JSONCursor, in bytes: RawSpan, addingTo facts: inout ResponseFacts
    ) throws(InferenceError) {
        var part = ChoicePart()
        var finishReason: String?
        var choice = try cursor.beginObject(in: bytes)
        while let member = try cursor.nextMember(of: &choice, in: bytes) {
            if member.isNamed("delta", in: bytes) || member.isNamed("message", in: bytes) {
                try facts.text.addMessage(&cursor, in: bytes, noting: &part)
            } else if member.isNamed("text", in: bytes) {
                part.content = try facts.text.addValue(&cursor, in: bytes)
            } else {
                let value = try cursor.skipValue(in: bytes)
                if member.isNamed("index", in: bytes) {
                    part.index = value.integer(in: bytes) ?? 0
                } else if member.isNamed("finish_reason", in: bytes) {
                    finishReason = ResponseFacts.name(value, in: bytes)
                }
            }
        }
        if finishReason != nil { hasFinishReason = true }
        facts.note(choice: part.index, finishReason: finishReason)
        parts.append(part)
    }
}

extension TextTally {
    /// Adds what a model has written into a message or the part of one that a chunk brings: the content, the reasoning
    /// (some servers send it under two names, so that one counts), tool calls and refusals.
    ///
    /// - Parameter part: Learns where the content and the tool calls are.
    fileprivate mutating func addMessage(
        _ cursor: inout JSONCursor, in bytes: RawSpan, noting part: inout ChoicePart
    ) throws(InferenceError) {
        guard cursor.nextKind(in: bytes) == .object else {
            _ = try cursor.skipValue(in: bytes)
            return
        }
        var reasoning: JSONValue?
        var message = try cursor.beginObject(in: bytes)
        while let member = try cursor.nextMember(of: &message, in: bytes) {
            if Self.isWritten(member, in: bytes) {
                let value = try addValue(&cursor, in: bytes)
                if member.isNamed("content", in: bytes) {
                    part.content = value
                } else if member.isNamed("tool_calls", in: bytes) {
                    part.toolCalls = value
                }
            } else {
                let value = try cursor.skipValue(in: bytes)
                let isReasoning =
                    member.isNamed("reasoning_content", in: bytes) || member.isNamed("reasoning", in: bytes)
                if isReasoning, value.kind == .string { reasoning = value }
            }
        }
        if let reasoning { add(reasoning.content, of: bytes) }
    }

    private static func isWritten(_ member: JSONMember, in bytes: RawSpan) -> Bool {
        member.isNamed("content", in: bytes) || member.isNamed("tool_calls", in: bytes)
            || member.isNamed("refusal", in: bytes) || member.isNamed("function_call", in: bytes)
    }

    /// Adds every string of the value that comes next, and says where it lies.
    fileprivate mutating func addValue(
        _ cursor: inout JSONCursor, in bytes: RawSpan
    ) throws(InferenceError) -> JSONValue {
        let kind = cursor.nextKind(in: bytes)
        let start = cursor.position
        try addStrings(&cursor, in: bytes)
        return JSONValue(kind: kind, range: start..<cursor.position)
    }

    /// Adds every string of a value, whatever it is inside, except ids and types.
    private mutating func addStrings(_ cursor: inout JSONCursor, in bytes: RawSpan) throws(InferenceError) {
        switch cursor.nextKind(in: bytes) {
        case .object:
            var object = try cursor.beginObject(in: bytes)
            while let member = try cursor.nextMember(of: &object, in: bytes) {
                if member.isNamed("id", in: bytes) || member.isNamed("type", in: bytes) {
                    _ = try cursor.skipValue(in: bytes)
                } else {
                    try addStrings(&cursor, in: bytes)
                }
            }
        case .array:
            var array = try cursor.beginArray(in: bytes)
            while try cursor.nextElement(of: &array, in: bytes) { try addStrings(&cursor, in: bytes) }
        default:
            let value = try cursor.skipValue(in: bytes)
            if value.kind == .string { add(value.content, of: bytes) }
        }
    }
}
