/// How a request for text wants its answer: streamed or whole, how many choices, how long.
package struct GenerationOptions: Sendable {
    package private(set) var isStream = false
    /// Whether the client wants usage on its stream: `stream_options.include_usage`.
    package private(set) var includesUsage = false
    /// `n`: the choices of the answer to one prompt.
    package private(set) var choiceCount: Int64 = 1
    /// The most tokens one choice may have, if the request says so. Where both of the names for it are given, the
    /// larger.
    package var tokensPerChoiceMax: Int64? {
        guard let tokensMax, let completionTokensMax else { return tokensMax ?? completionTokensMax }
        return max(tokensMax, completionTokensMax)
    }

    private var tokensMax: Int64?
    private var completionTokensMax: Int64?
    /// `best_of`: how many choices a provider makes and bills to pick the best from.
    private var candidateCount: Int64 = 1
    private var streamOptions: [StreamOptions] = []

    /// The most a request may ask for with `n`.
    static let choiceCountMax: Int64 = 128

    /// Where one `stream_options` lies; a body may repeat it.
    private struct StreamOptions {
        let range: Range<Int>
        /// Nil if it is `null`.
        let object: JSONContainer?
        let includeUsage: [Range<Int>]
    }

    /// Steps over the member's value if it is one of the options, and says whether it was.
    mutating func read(
        _ member: JSONMember, with cursor: inout JSONCursor, in bytes: RawSpan
    ) throws(InferenceError) -> Bool {
        if member.isNamed("stream", in: bytes) {
            isStream = try cursor.readBool("stream", in: bytes) ?? false
        } else if member.isNamed("stream_options", in: bytes) {
            try readStreamOptions(&cursor, in: bytes)
        } else if member.isNamed("n", in: bytes) {
            choiceCount = try cursor.readInteger("n", to: Self.choiceCountMax, in: bytes) ?? 1
        } else if member.isNamed("best_of", in: bytes) {
            candidateCount = try cursor.readInteger("best_of", to: Self.choiceCountMax, in: bytes) ?? 1
        } else if member.isNamed("max_tokens", in: bytes) {
            tokensMax = try cursor.readInteger("max_tokens", in: bytes)
        } else if member.isNamed("max_completion_tokens", in: bytes) {
            completionTokensMax = try cursor.readInteger("max_completion_tokens", in: bytes)
        } else {
            return false
        }
        return true
    }

    /// The most tokens that the answers to `promptCount` prompts may have together, if one choice may have
    /// `tokensPerChoice`. What no 64 bits can hold is refused.
    func outputTokensMax(tokensPerChoice: Int64, promptCount: Int64) throws(InferenceError) -> Int64 {
        let (choices, isTooMany) = max(choiceCount, candidateCount).multipliedReportingOverflow(by: promptCount)
        let (tokens, isTooLarge) = choices.multipliedReportingOverflow(by: tokensPerChoice)
        guard !isTooMany, !isTooLarge else {
            let parameter = tokensMax == nil ? "max_completion_tokens" : "max_tokens"
            throw .invalid(parameter, "\(parameter) is too large")
        }
        return tokens
    }

    /// Makes the provider report usage on a stream, whatever the client said.
    func askForUsage(in edits: inout BodyEdits, ofBody object: JSONContainer) {
        guard isStream else { return }
        if streamOptions.isEmpty {
            edits.insert(Array(#""stream_options":{"include_usage":true}"#.utf8), into: object)
        }
        for options in streamOptions {
            guard let object = options.object else {
                edits.replace(options.range, with: Array(#"{"include_usage":true}"#.utf8))
                continue
            }
            if options.includeUsage.isEmpty {
                edits.insert(Array(#""include_usage":true"#.utf8), into: object)
            }
            for range in options.includeUsage { edits.replace(range, with: Array("true".utf8)) }
        }
    }

    private mutating func readStreamOptions(_ cursor: inout JSONCursor, in bytes: RawSpan) throws(InferenceError) {
        includesUsage = false
        cursor.skipWhitespace(in: bytes)
        let start = cursor.position
        guard var object = try cursor.beginOptionalObject("stream_options", in: bytes) else {
            streamOptions.append(StreamOptions(range: start..<cursor.position, object: nil, includeUsage: []))
            return
        }
        var includeUsage: [Range<Int>] = []
        while let member = try cursor.nextMember(of: &object, in: bytes) {
            guard member.isNamed("include_usage", in: bytes) else {
                _ = try cursor.skipValue(in: bytes)
                continue
            }
            cursor.skipWhitespace(in: bytes)
            let start = cursor.position
            includesUsage = try cursor.readBool("stream_options.include_usage", in: bytes) ?? false
            includeUsage.append(start..<cursor.position)
        }
        streamOptions.append(StreamOptions(range: start..<cursor.position, object: object, includeUsage: includeUsage))
    }
}
