/// The body of a `POST /v1/completions`, checked to its last byte and otherwise left alone.
/// https://platform.openai.com/docs/api-reference/completions/create
///
/// Only the few fields that a gateway needs are read; a member that is repeated counts as the last one says. The rest
/// is the provider's to judge and reaches it byte for byte.
package struct CompletionRequest: Sendable {
    package let body: [UInt8]
    /// The name of the model as the client sent it.
    package let model: String
    package let generation: GenerationOptions
    /// `metadata.prompt_version`
    package let promptVersion: PromptVersion?
    package let prompt: TextInput
    /// Whether text behind the gap is given, which not every model can take into account.
    package var hasSuffix: Bool { fields.suffix != nil }

    private let fields: Fields

    package init(body: [UInt8]) throws(InferenceError) {
        let fields = try body.withRawBytes { (bytes) throws(InferenceError) in try Fields(bytes) }
        self.body = body
        model = try fields.names.requiredModel()
        generation = fields.generation
        promptVersion = fields.names.promptVersion
        guard let prompt = fields.prompt else { throw .invalid("prompt", "prompt is missing") }
        self.prompt = prompt
        self.fields = fields
    }

    /// The most tokens that all choices for all prompts may have together, if one may have `tokensPerChoice`.
    package func outputTokensMax(tokensPerChoice: Int64) throws(InferenceError) -> Int64 {
        try generation.outputTokensMax(tokensPerChoice: tokensPerChoice, promptCount: prompt.count)
    }

    /// Where each prompt lies in the body, for providers that take one at a time.
    package func prompts() throws(InferenceError) -> [Range<Int>] {
        try body.withRawBytes { (bytes) throws(InferenceError) in try prompt.elements(in: bytes) }
    }

    /// SHA-256 of the prompt: a string's text in UTF-8, or the bytes of an array as they stand in the body.
    package var inputHash: [UInt8] {
        body.withRawBytes { prompt.hash(in: $0) }
    }

    /// What the provider gets: its own name of the model, usage asked for on a stream, and, if `singlePrompt` is given,
    /// that one of the prompts alone.
    package func upstreamBody(model upstreamModel: String, singlePrompt: Range<Int>? = nil) -> [UInt8] {
        var edits = BodyEdits()
        fields.names.rename(to: upstreamModel, in: &edits)
        fields.generation.askForUsage(in: &edits, ofBody: fields.object)
        if let singlePrompt, singlePrompt != prompt.range {
            let text = body.withRawBytes { $0.copy(of: singlePrompt) }
            for range in fields.prompts { edits.replace(range, with: text) }
        }
        return edits.applied(to: body)
    }

    /// What the prompts and the suffix may count as.
    package func tokenEstimate() throws(InferenceError) -> TokenEstimate {
        try body.withRawBytes { (bytes) throws(InferenceError) in
            var measure = PromptMeasure()
            try prompt.add(to: &measure, of: bytes)
            if let suffix = fields.suffix { measure.text.add(suffix, of: bytes) }
            return measure.estimate
        }
    }
}

extension CompletionRequest {
    /// What one walk over the body finds.
    private struct Fields: Sendable {
        var names = RequestNames()
        var generation = GenerationOptions()
        var prompt: TextInput?
        /// Every `prompt` of the body, should it be repeated.
        var prompts: [Range<Int>] = []
        /// What the suffix says, between its quotes.
        var suffix: Range<Int>?
        private(set) var object: JSONContainer

        init(_ bytes: RawSpan) throws(InferenceError) {
            var cursor = JSONCursor(0..<bytes.byteCount, by: .client)
            object = try cursor.beginObject(in: bytes)
            while let member = try cursor.nextMember(of: &object, in: bytes) {
                if try names.read(member, with: &cursor, in: bytes) { continue }
                if try generation.read(member, with: &cursor, in: bytes) { continue }
                if member.isNamed("prompt", in: bytes) {
                    cursor.skipWhitespace(in: bytes)
                    let start = cursor.position
                    prompt = try TextInput.read("prompt", &cursor, in: bytes)
                    prompts.append(start..<cursor.position)
                } else if member.isNamed("suffix", in: bytes) {
                    suffix = try Self.readSuffix(&cursor, in: bytes)
                } else {
                    _ = try cursor.skipValue(in: bytes)
                }
            }
            try cursor.finish(in: bytes)
        }

        private static func readSuffix(
            _ cursor: inout JSONCursor, in bytes: RawSpan
        ) throws(InferenceError) -> Range<Int>? {
            let value = try cursor.skipValue(in: bytes)
            switch value.kind {
            case .null: return nil
            case .string: return value.content
            default: throw .invalid("suffix", "suffix must be a string")
            }
        }
    }
}
