/// The whole body of a provider's answer to an embedding call.
/// https://platform.openai.com/docs/api-reference/embeddings/object
package struct EmbeddingResponse: Sendable {
    package let body: [UInt8]
    /// The model's name at the provider.
    package private(set) var model: String?
    package private(set) var usage: ReportedUsage?
    /// The number of embeddings.
    package private(set) var count = 0

    private var models: [Range<Int>] = []
    /// Every `embedding` of the body, in order.
    private var embeddings: [JSONValue] = []

    /// Throws `.upstreamError` if the body is not such an answer: no JSON, no `data`, or an error in spite of the
    /// status that came with it.
    package init(body: [UInt8]) throws(InferenceError) {
        self.body = body
        let isAnswer = try body.withRawBytes { (bytes) throws(InferenceError) in try read(bytes) }
        guard isAnswer else { throw .unreadable("it has no data") }
    }

    /// What the client gets: the catalogue's name of the model, and each embedding in the format it asked for. An
    /// embedding that has the format already stays byte for byte.
    package func clientBody(
        model catalogueID: String, encodingFormat: EncodingFormat
    ) throws(InferenceError) -> [UInt8] {
        var edits = BodyEdits()
        for range in models { edits.replace(range, with: catalogueID.json) }
        try body.withRawBytes { (bytes) throws(InferenceError) in
            for embedding in embeddings {
                switch (embedding.kind, encodingFormat) {
                case (.array, .base64):
                    var cursor = JSONCursor(embedding.range, by: .provider)
                    edits.replace(embedding.range, with: try EmbeddingVector.base64(&cursor, in: bytes))
                case (.string, .float):
                    edits.replace(embedding.range, with: try EmbeddingVector.numbers(embedding, in: bytes))
                case (.array, .float), (.string, .base64): break
                default: throw .unreadable("an embedding is neither an array nor a string")
                }
            }
        }
        return edits.applied(to: body)
    }

    /// Says whether there is a `data` array.
    private mutating func read(_ bytes: RawSpan) throws(InferenceError) -> Bool {
        var hasData = false
        var cursor = JSONCursor(0..<bytes.byteCount, by: .provider)
        var object = try cursor.beginObject(in: bytes)
        while let member = try cursor.nextMember(of: &object, in: bytes) {
            if member.isNamed("data", in: bytes), cursor.nextKind(in: bytes) == .array {
                hasData = true
                try readData(&cursor, in: bytes)
            } else if member.isNamed("usage", in: bytes) {
                usage = try ReportedUsage.read(&cursor, in: bytes)
            } else {
                let value = try cursor.skipValue(in: bytes)
                if member.isNamed("model", in: bytes) {
                    models.append(value.range)
                    model = ResponseFacts.name(value, in: bytes)
                } else if member.isNamed("error", in: bytes), value.kind != .null {
                    throw UpstreamErrorBody(body: body).inferenceError
                }
            }
        }
        try cursor.finish(in: bytes)
        return hasData
    }

    private mutating func readData(_ cursor: inout JSONCursor, in bytes: RawSpan) throws(InferenceError) {
        var data = try cursor.beginArray(in: bytes)
        while try cursor.nextElement(of: &data, in: bytes) {
            var item = try cursor.beginObject(in: bytes)
            while let member = try cursor.nextMember(of: &item, in: bytes) {
                let value = try cursor.skipValue(in: bytes)
                if member.isNamed("embedding", in: bytes) { embeddings.append(value) }
            }
        }
        count = data.count
    }
}
