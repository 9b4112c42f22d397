/// A request's `prompt` object: which stored template is to be rendered, and with what.
/// https://platform.openai.com/docs/api-reference/responses/create#responses-create-prompt
package struct PromptTemplateCall: Hashable, Sendable {
    package let id: String
    /// Nil asks for the promoted version.
    package let version: String?
    /// The variables, one JSON object as it was sent.
    package let variables: [UInt8]?

    /// Steps over a request's `prompt`; nil if it is `null`.
    static func read(_ cursor: inout JSONCursor, in bytes: RawSpan) throws(InferenceError) -> PromptTemplateCall? {
        guard var object = try cursor.beginOptionalObject("prompt", in: bytes) else { return nil }
        var id: String?
        var version: String?
        var variables: [UInt8]?
        while let member = try cursor.nextMember(of: &object, in: bytes) {
            if member.isNamed("id", in: bytes) {
                id = try readIdentifier("prompt.id", &cursor, in: bytes)
            } else if member.isNamed("version", in: bytes) {
                version = try readIdentifier("prompt.version", &cursor, in: bytes)
            } else if member.isNamed("variables", in: bytes) {
                variables = try readVariables(&cursor, in: bytes)
            } else {
                _ = try cursor.skipValue(in: bytes)
            }
        }
        guard let id else { throw .invalid("prompt.id", "prompt.id is missing") }
        return PromptTemplateCall(id: id, version: version, variables: variables)
    }

    private static func readIdentifier(
        _ parameter: String, _ cursor: inout JSONCursor, in bytes: RawSpan
    ) throws(InferenceError) -> String? {
        guard let text = try cursor.readString(parameter, in: bytes) else { return nil }
        guard PromptVersion.isIdentifier(text) else {
            throw .invalid(
                parameter, "\(parameter) must have 1 to 64 letters, digits, dots, underscores and hyphens")
        }
        return text
    }

    private static func readVariables(
        _ cursor: inout JSONCursor, in bytes: RawSpan
    ) throws(InferenceError) -> [UInt8]? {
        let value = try cursor.skipValue(in: bytes)
        switch value.kind {
        case .null: return nil
        case .object: return bytes.copy(of: value.range)
        default: throw .invalid("prompt.variables", "prompt.variables must be an object")
        }
    }
}
