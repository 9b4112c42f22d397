/// Where one element of `choices`, in an answer or in a chunk of one, has what its client reads.
struct ChoicePart: Sendable {
    var index: Int64 = 0
    /// The content of its message or delta, or its text.
    var content: JSONValue?
    var toolCalls: JSONValue?

    /// Many servers send an empty array, or `null`, where there are none.
    var hasToolCalls: Bool { toolCalls.map { $0.kind == .array && $0.range.count > 2 } ?? false }

    /// Gives out the insides of the strings that make up the content: itself, or the texts of its parts.
    func forEachText(
        in bytes: RawSpan, _ take: (Range<Int>) -> Void
    ) throws(InferenceError) {
        guard let content else { return }
        switch content.kind {
        case .string: take(content.content)
        case .array: try forEachPart(of: content, in: bytes, take)
        default: break
        }
    }

    private func forEachPart(
        of content: JSONValue, in bytes: RawSpan, _ take: (Range<Int>) -> Void
    ) throws(InferenceError) {
        var cursor = JSONCursor(content.range, by: .provider)
        var parts = try cursor.beginArray(in: bytes)
        while try cursor.nextElement(of: &parts, in: bytes) {
            guard cursor.nextKind(in: bytes) == .object else {
                _ = try cursor.skipValue(in: bytes)
                continue
            }
            var part = try cursor.beginObject(in: bytes)
            while let member = try cursor.nextMember(of: &part, in: bytes) {
                let value = try cursor.skipValue(in: bytes)
                if value.kind == .string, member.isNamed("text", in: bytes) { take(value.content) }
            }
        }
    }
}
