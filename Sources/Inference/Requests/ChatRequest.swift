/// The body of a `POST /v1/chat/completions`, checked to its last byte and otherwise left alone.
/// https://platform.openai.com/docs/api-reference/chat/create
///
/// Only the few fields that a gateway needs are read; a member that is repeated counts as the last one says. The rest
/// is the provider's to judge and reaches it byte for byte.
package struct ChatRequest: Sendable {
    package let body: [UInt8]
    /// The name of the model as the client sent it.
    package let model: String
    package let generation: GenerationOptions
    /// `metadata.prompt_version`
    package let promptVersion: PromptVersion?
    /// `prompt`
    package let template: PromptTemplateCall?
    package let messageCount: Int

    private let fields: Fields

    package init(body: [UInt8]) throws(InferenceError) {
        let fields = try body.withRawBytes { (bytes) throws(InferenceError) in try Fields(bytes) }
        self.body = body
        model = try fields.names.requiredModel()
        generation = fields.generation
        promptVersion = fields.names.promptVersion
        template = fields.template
        guard fields.messages != nil else { throw .invalid("messages", "messages is missing") }
        messageCount = fields.messageCount
        self.fields = fields
    }

    /// The most tokens that all choices may have together, if one may have `tokensPerChoice`.
    package func outputTokensMax(tokensPerChoice: Int64) throws(InferenceError) -> Int64 {
        try generation.outputTokensMax(tokensPerChoice: tokensPerChoice, promptCount: 1)
    }

    /// SHA-256 of the messages' bytes, from bracket to bracket as they stand in the body.
    package var inputHash: [UInt8] {
        guard let messages = fields.messages else { preconditionFailure("a request without messages is refused") }
        return body.withRawBytes { ContentHash.of($0.extracting(messages)) }
    }

    /// What the provider gets: its own name of the model, usage asked for on a stream, and no `prompt`, which is ours.
    package func upstreamBody(model upstreamModel: String) -> [UInt8] {
        var edits = BodyEdits()
        fields.names.rename(to: upstreamModel, in: &edits)
        fields.generation.askForUsage(in: &edits, ofBody: fields.object)
        body.withRawBytes { bytes in edits.remove(fields.templates, in: bytes) }
        return edits.applied(to: body)
    }

    /// What the prompt may count as, by the text of its messages, the definitions of its tools, and its parts of other
    /// kinds. It takes a second walk over the messages.
    package func tokenEstimate() throws(InferenceError) -> TokenEstimate {
        try body.withRawBytes { (bytes) throws(InferenceError) in
            var measure = PromptMeasure()
            measure.addConversation()
            for range in fields.definitions { measure.text.add(raw: range, of: bytes) }
            if let messages = fields.messages { try measure.add(messages: messages, of: bytes) }
            return measure.estimate
        }
    }
}

extension ChatRequest {
    /// What one walk over the body finds.
    private struct Fields: Sendable {
        var names = RequestNames()
        var generation = GenerationOptions()
        var template: PromptTemplateCall?
        var templates: [BodyEdits.Member] = []
        var messages: Range<Int>?
        var messageCount = 0
        /// Values that a provider puts into the prompt as text.
        var definitions: [Range<Int>] = []
        private(set) var object: JSONContainer

        init(_ bytes: RawSpan) throws(InferenceError) {
            var cursor = JSONCursor(0..<bytes.byteCount, by: .client)
            object = try cursor.beginObject(in: bytes)
            while let member = try cursor.nextMember(of: &object, in: bytes) {
                cursor.skipWhitespace(in: bytes)
                let start = cursor.position
                if try names.read(member, with: &cursor, in: bytes) { continue }
                if try generation.read(member, with: &cursor, in: bytes) { continue }
                if member.isNamed("messages", in: bytes) {
                    try readMessages(&cursor, in: bytes)
                } else if member.isNamed("prompt", in: bytes) {
                    template = try PromptTemplateCall.read(&cursor, in: bytes)
                    templates.append(BodyEdits.Member(member: member, value: start..<cursor.position))
                } else {
                    let value = try cursor.skipValue(in: bytes)
                    if Self.isDefinition(member, in: bytes) { definitions.append(value.range) }
                }
            }
            try cursor.finish(in: bytes)
        }

        private mutating func readMessages(
            _ cursor: inout JSONCursor, in bytes: RawSpan
        ) throws(InferenceError) {
            messages = nil
            switch cursor.nextKind(in: bytes) {
            case .array: break
            case .null:
                _ = try cursor.skipValue(in: bytes)
                return
            default: throw .invalid("messages", "messages must be an array")
            }
            let start = cursor.position
            var array = try cursor.beginArray(in: bytes)
            while try cursor.nextElement(of: &array, in: bytes) {
                guard try cursor.skipValue(in: bytes).kind == .object else {
                    let parameter = "messages[\(array.count - 1)]"
                    throw .invalid(parameter, "\(parameter) must be an object")
                }
            }
            guard array.count > 0 else { throw .invalid("messages", "messages must not be empty") }
            messages = start..<cursor.position
            messageCount = array.count
        }

        private static func isDefinition(_ member: JSONMember, in bytes: RawSpan) -> Bool {
            member.isNamed("tools", in: bytes) || member.isNamed("functions", in: bytes)
                || member.isNamed("response_format", in: bytes)
        }
    }
}
