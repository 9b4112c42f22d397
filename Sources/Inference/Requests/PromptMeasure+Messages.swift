// Messages, with parts of other kinds than text. What is not as the API has it counts as text or as a file.
// https://platform.openai.com/docs/api-reference/chat/create#chat-create-messages

extension PromptMeasure {
    mutating func add(messages: Range<Int>, of bytes: RawSpan) throws(InferenceError) {
        var cursor = JSONCursor(messages, by: .client)
        var array = try cursor.beginArray(in: bytes)
        while try cursor.nextElement(of: &array, in: bytes) {
            addMessage()
            var message = try cursor.beginObject(in: bytes)
            while let member = try cursor.nextMember(of: &message, in: bytes) {
                try add(member, &cursor, bytes)
            }
        }
    }

    private mutating func add(
        _ member: JSONMember, _ cursor: inout JSONCursor, _ bytes: RawSpan
    ) throws(InferenceError) {
        if member.isNamed("content", in: bytes), cursor.nextKind(in: bytes) == .array {
            var parts = try cursor.beginArray(in: bytes)
            while try cursor.nextElement(of: &parts, in: bytes) { try addPart(&cursor, bytes) }
            return
        }
        let value = try cursor.skipValue(in: bytes)
        guard !member.isNamed("role", in: bytes) else { return }
        add(value, of: bytes)
    }

    private mutating func add(_ value: JSONValue, of bytes: RawSpan) {
        switch value.kind {
        case .string: text.add(value.content, of: bytes)
        case .null: break
        default: text.add(raw: value.range, of: bytes)
        }
    }

    private mutating func addPart(_ cursor: inout JSONCursor, _ bytes: RawSpan) throws(InferenceError) {
        guard cursor.nextKind(in: bytes) == .object else {
            return add(try cursor.skipValue(in: bytes), of: bytes)
        }
        var part = try cursor.beginObject(in: bytes)
        var type: JSONValue?
        var hasText = false
        while let member = try cursor.nextMember(of: &part, in: bytes) {
            let value = try cursor.skipValue(in: bytes)
            if member.isNamed("type", in: bytes) {
                type = value
            } else if value.kind == .string, Self.isText(member, in: bytes) {
                hasText = true
                text.add(value.content, of: bytes)
            }
        }
        guard !hasText, let close = part.close else { return }
        switch type?.string(in: bytes) {
        case "image_url", "input_image", "image": addImage()
        case "input_audio", "audio": addAudio(byteCount: close - part.start)
        default: addFile(byteCount: close - part.start)
        }
    }

    private static func isText(_ member: JSONMember, in bytes: RawSpan) -> Bool {
        member.isNamed("text", in: bytes) || member.isNamed("refusal", in: bytes)
            || member.isNamed("thinking", in: bytes)
    }
}
