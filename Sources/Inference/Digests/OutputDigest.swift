internal import Crypto

/// The digest of what a chat or completion call has brought its client, whether in one answer or chunk by chunk.
///
/// - One choice without tool calls: SHA-256 of its text in UTF-8.
/// - Several choices, or tool calls: SHA-256 of the canonical JSON (https://www.rfc-editor.org/rfc/rfc8785) of
///   `[{"content":…,"index":…,"tool_calls":[…]}]`, in the order of the indexes. `content` is absent if there is no text,
///   and `tool_calls` if there are none. A call has those of `function` (with `arguments` and `name`), `id` and `type`
///   that were delivered, and no others.
/// - No choice: SHA-256 of nothing.
///
/// The same answer has the same digest however a stream cuts it. Reasoning, refusals and audio are no part of it. A
/// choice without an index counts as the first, and choices of the same index as one. Content that is an array of parts
/// counts as their texts, one after the other.
///
/// The text of choice 0 is not kept, so a stream of one choice takes no memory; texts of others and tool calls are held.
struct OutputDigest: Sendable {
    /// What a choice takes besides its text.
    private static let choiceByteCount = 128
    /// The largest number that JSON's readers agree on.
    private static let indexMax: Int64 = 1 << 53 - 1

    private let heldBytesMax: Int
    private var heldByteCount = 0
    private var firstText = HashedText()
    private var choices: [Int64: DeliveredChoice] = [:]

    /// - Parameter heldBytesMax: The most bytes of text and tool calls that are held.
    init(heldBytesMax: Int) {
        self.heldBytesMax = heldBytesMax
    }

    /// Adds what a chunk says.
    ///
    /// - Throws: `upstreamError` if that is more than may be held; then nothing was added.
    mutating func add(_ chunk: [ChoicePart], of bytes: RawSpan) throws(InferenceError) {
        heldByteCount += chunk.reduce(0) { $0 + heldByteCount(of: $1) }
        guard heldByteCount <= heldBytesMax else {
            throw .unreadable("its choices are larger than \(heldBytesMax) bytes")
        }
        for part in chunk { try add(part, of: bytes, isChunk: true) }
    }

    /// SHA-256 of what a whole answer says.
    static func digest(of answer: [ChoicePart], in bytes: RawSpan) throws(InferenceError) -> [UInt8] {
        if answer.count == 1, !answer[0].hasToolCalls, let text = answer[0].content, text.kind == .string {
            return ContentHash.of(text, in: bytes)
        }
        var digest = OutputDigest(heldBytesMax: .max)
        for part in answer { try digest.add(part, of: bytes, isChunk: false) }
        return digest.value
    }

    private func heldByteCount(of part: ChoicePart) -> Int {
        let index = Self.index(of: part)
        return (index == 0 ? 0 : part.content?.range.count ?? 0) + (part.toolCalls?.range.count ?? 0)
            + (choices[index] == nil ? Self.choiceByteCount : 0)
    }

    private static func index(of part: ChoicePart) -> Int64 {
        0...indexMax ~= part.index ? part.index : 0
    }

    private mutating func add(_ part: ChoicePart, of bytes: RawSpan, isChunk: Bool) throws(InferenceError) {
        let index = Self.index(of: part)
        if index == 0 {
            try part.forEachText(in: bytes) { firstText.add($0, of: bytes) }
        } else {
            try part.forEachText(in: bytes) { choices[index, default: DeliveredChoice()].add($0, of: bytes) }
        }
        if let calls = part.toolCalls, part.hasToolCalls {
            try choices[index, default: DeliveredChoice()].add(toolCalls: calls, of: bytes, isChunk: isChunk)
        } else if choices[index] == nil {
            choices[index] = DeliveredChoice()
        }
    }
}

// MARK: - The digest

extension OutputDigest {
    /// The digest of everything so far.
    var value: [UInt8] {
        guard let (index, choice) = choices.first else { return ContentHash.ofNothing }
        guard choices.count == 1, !choice.hasToolCalls else { return canonicalDigest }
        return index == 0 ? firstText.digest : ContentHash.of(choice.wholeText)
    }

    private var canonicalDigest: [UInt8] {
        var hash = SHA256()
        var json: [UInt8] = []
        for (index, choice) in choices.sorted(by: { $0.key < $1.key }) {
            if index == 0, !firstText.isEmpty {
                // No other choice stands before this one, so its hash has the array's beginning too.
                hash = firstText.canonicalHash
                json.append(copying: "\",")
            } else {
                json.append(copying: json.isEmpty ? "[{" : ",{")
                choice.appendContent(to: &json)
            }
            json.append(copying: #""index":"#)
            json.append(contentsOf: String(index).utf8)
            choice.appendToolCalls(to: &json)
            json.append(UInt8(ascii: "}"))
        }
        json.append(UInt8(ascii: "]"))
        hash.update(data: json)
        return Array(hash.finalize())
    }
}
