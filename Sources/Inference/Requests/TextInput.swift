/// The `prompt` of a completion or the `input` of an embedding: one text or several, as strings or as tokens.
package struct TextInput: Hashable, Sendable {
    package enum Form: Sendable {
        case string
        case strings
        case tokens
        case tokenLists
    }

    package let form: Form
    /// The number of texts.
    package let count: Int64
    /// The number of tokens, where the client has counted them itself.
    let tokenCount: Int64
    /// Where the value lies in the body.
    let range: Range<Int>

    /// Steps over the value of `parameter`; nil if it is `null`.
    static func read(
        _ parameter: String, _ cursor: inout JSONCursor, in bytes: RawSpan
    ) throws(InferenceError) -> TextInput? {
        guard cursor.nextKind(in: bytes) != .array else {
            return try readArray(parameter, &cursor, in: bytes)
        }
        let value = try cursor.skipValue(in: bytes)
        switch value.kind {
        case .null: return nil
        case .string: return TextInput(form: .string, count: 1, tokenCount: 0, range: value.range)
        default: throw .invalid(parameter, "\(parameter) must be a string or an array")
        }
    }

    /// All elements are of one kind, which decides what the array is.
    private static func readArray(
        _ parameter: String, _ cursor: inout JSONCursor, in bytes: RawSpan
    ) throws(InferenceError) -> TextInput {
        let start = cursor.position
        var form: Form?
        var tokenCount: Int64 = 0
        var array = try cursor.beginArray(in: bytes)
        while try cursor.nextElement(of: &array, in: bytes) {
            let elementForm: Form
            switch cursor.nextKind(in: bytes) {
            case .string:
                elementForm = .strings
                try cursor.skipString(in: bytes)
            case .array:
                elementForm = .tokenLists
                tokenCount += try skipTokens("\(parameter)[\(array.count - 1)]", &cursor, in: bytes)
            default:
                elementForm = .tokens
                tokenCount += 1
                try skipToken(of: parameter, array, &cursor, in: bytes)
            }
            guard form == nil || form == elementForm else {
                throw .invalid(parameter, "\(parameter) must have elements of one kind")
            }
            form = elementForm
        }
        guard let form else { throw .invalid(parameter, "\(parameter) must not be empty") }
        let count = form == .tokens ? 1 : Int64(array.count)
        return TextInput(form: form, count: count, tokenCount: tokenCount, range: start..<cursor.position)
    }

    /// Steps over an array of tokens and counts them.
    private static func skipTokens(
        _ parameter: String, _ cursor: inout JSONCursor, in bytes: RawSpan
    ) throws(InferenceError) -> Int64 {
        var array = try cursor.beginArray(in: bytes)
        while try cursor.nextElement(of: &array, in: bytes) {
            try skipToken(of: parameter, array, &cursor, in: bytes)
        }
        guard array.count > 0 else { throw .invalid(parameter, "\(parameter) must not be empty") }
        return Int64(array.count)
    }

    private static func skipToken(
        of parameter: String, _ array: JSONContainer, _ cursor: inout JSONCursor, in bytes: RawSpan
    ) throws(InferenceError) {
        guard let token = try cursor.skipValue(in: bytes).integer(in: bytes), token >= 0 else {
            let parameter = "\(parameter)[\(array.count - 1)]"
            throw .invalid(parameter, "\(parameter) must be a string or a token")
        }
    }

    /// Where each of the texts lies in the body.
    func elements(in bytes: RawSpan) throws(InferenceError) -> [Range<Int>] {
        guard form == .strings || form == .tokenLists else { return [range] }
        var elements: [Range<Int>] = []
        var cursor = JSONCursor(range, by: .client)
        var array = try cursor.beginArray(in: bytes)
        while try cursor.nextElement(of: &array, in: bytes) {
            elements.append(try cursor.skipValue(in: bytes).range)
        }
        return elements
    }

    /// SHA-256 of a string's text in UTF-8, or of an array's bytes as they stand.
    func hash(in bytes: RawSpan) -> [UInt8] {
        ContentHash.of(JSONValue(kind: form == .string ? .string : .array, range: range), in: bytes)
    }

    /// Adds the texts to what a prompt counts as.
    func add(to measure: inout PromptMeasure, of bytes: RawSpan) throws(InferenceError) {
        measure.addTexts(count)
        measure.add(tokens: tokenCount)
        guard form == .string || form == .strings else { return }
        for element in try elements(in: bytes) {
            measure.text.add(element.lowerBound + 1..<element.upperBound - 1, of: bytes)
        }
    }
}
