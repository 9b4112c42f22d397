internal import OTLP

/// The names that every inference request goes by: its model and its prompt version.
struct RequestNames: Sendable {
    private(set) var model: String?
    /// `metadata.prompt_version`
    private(set) var promptVersion: PromptVersion?
    private var modelValues: [Range<Int>] = []

    /// Steps over the member's value if it is one of the names, and says whether it was.
    mutating func read(
        _ member: JSONMember, with cursor: inout JSONCursor, in bytes: RawSpan
    ) throws(InferenceError) -> Bool {
        if member.isNamed("model", in: bytes) {
            cursor.skipWhitespace(in: bytes)
            let start = cursor.position
            model = try cursor.readString("model", in: bytes)
            modelValues.append(start..<cursor.position)
        } else if member.isNamed("metadata", in: bytes) {
            promptVersion = try readPromptVersion(&cursor, in: bytes)
        } else {
            return false
        }
        return true
    }

    func requiredModel() throws(InferenceError) -> String {
        guard let model else { throw .invalid("model", "model is missing") }
        return model
    }

    /// Puts the model's name at the provider in, unless it is the same.
    func rename(to upstreamModel: String, in edits: inout BodyEdits) {
        guard upstreamModel != model || modelValues.count > 1 else { return }
        for range in modelValues { edits.replace(range, with: upstreamModel.json) }
    }

    /// Metadata is the provider's to judge, all but the one member that is ours.
    private func readPromptVersion(
        _ cursor: inout JSONCursor, in bytes: RawSpan
    ) throws(InferenceError) -> PromptVersion? {
        guard cursor.nextKind(in: bytes) == .object else {
            _ = try cursor.skipValue(in: bytes)
            return nil
        }
        var result: PromptVersion?
        var object = try cursor.beginObject(in: bytes)
        while let member = try cursor.nextMember(of: &object, in: bytes) {
            guard member.isNamed("prompt_version", in: bytes) else {
                _ = try cursor.skipValue(in: bytes)
                continue
            }
            let parameter = "metadata.prompt_version"
            result = nil
            guard let text = try cursor.readString(parameter, in: bytes) else { continue }
            guard let version = PromptVersion(text) else {
                throw .invalid(parameter, "\(parameter) must read like support or support@v2")
            }
            result = version
        }
        return result
    }
}

extension String {
    /// The text as a JSON string, quotes included.
    var json: [UInt8] {
        var writer = JSONWriter()
        writer.string(self)
        return writer.bytes
    }
}
