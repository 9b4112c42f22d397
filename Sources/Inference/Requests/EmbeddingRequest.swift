/// How an embedding is written in JSON.
package enum EncodingFormat: String, CaseIterable, Sendable {
    /// An array of numbers.
    case float
    /// A string: the numbers as little-endian 32-bit floats, in base64.
    case base64
}

/// The body of a `POST /v1/embeddings`, checked to its last byte and otherwise left alone.
/// https://platform.openai.com/docs/api-reference/embeddings/create
package struct EmbeddingRequest: Sendable {
    package let body: [UInt8]
    /// The name of the model as the client sent it.
    package let model: String
    /// `metadata.prompt_version`
    package let promptVersion: PromptVersion?
    package let input: TextInput
    /// What the client wants; `float` if it does not say.
    package let encodingFormat: EncodingFormat
    package let dimensions: Int64?

    private let fields: Fields

    package init(body: [UInt8]) throws(InferenceError) {
        let fields = try body.withRawBytes { (bytes) throws(InferenceError) in try Fields(bytes) }
        self.body = body
        model = try fields.names.requiredModel()
        promptVersion = fields.names.promptVersion
        guard let input = fields.input else { throw .invalid("input", "input is missing") }
        self.input = input
        encodingFormat = fields.encodingFormat ?? .float
        dimensions = fields.dimensions
        self.fields = fields
    }

    /// SHA-256 of the input: a string's text in UTF-8, or the bytes of an array as they stand in the body.
    package var inputHash: [UInt8] {
        body.withRawBytes { input.hash(in: $0) }
    }

    /// What the provider gets: its own name of the model, and, where it knows one format only, that format asked for.
    package func upstreamBody(model upstreamModel: String, encodingFormat onlyFormat: EncodingFormat? = nil) -> [UInt8]
    {
        var edits = BodyEdits()
        fields.names.rename(to: upstreamModel, in: &edits)
        if let onlyFormat, onlyFormat != encodingFormat {
            for range in fields.encodingFormats { edits.replace(range, with: onlyFormat.rawValue.json) }
            if fields.encodingFormats.isEmpty {
                edits.insert(Array("\"encoding_format\":\"\(onlyFormat.rawValue)\"".utf8), into: fields.object)
            }
        }
        return edits.applied(to: body)
    }

    /// What the input may count as.
    package func tokenEstimate() throws(InferenceError) -> TokenEstimate {
        try body.withRawBytes { (bytes) throws(InferenceError) in
            var measure = PromptMeasure()
            try input.add(to: &measure, of: bytes)
            return measure.estimate
        }
    }
}

extension EmbeddingRequest {
    /// What one walk over the body finds.
    private struct Fields: Sendable {
        var names = RequestNames()
        var input: TextInput?
        var encodingFormat: EncodingFormat?
        var encodingFormats: [Range<Int>] = []
        var dimensions: Int64?
        private(set) var object: JSONContainer

        init(_ bytes: RawSpan) throws(InferenceError) {
            var cursor = JSONCursor(0..<bytes.byteCount, by: .client)
            object = try cursor.beginObject(in: bytes)
            while let member = try cursor.nextMember(of: &object, in: bytes) {
                if try names.read(member, with: &cursor, in: bytes) { continue }
                if member.isNamed("input", in: bytes) {
                    input = try TextInput.read("input", &cursor, in: bytes)
                } else if member.isNamed("encoding_format", in: bytes) {
                    try readEncodingFormat(&cursor, in: bytes)
                } else if member.isNamed("dimensions", in: bytes) {
                    dimensions = try cursor.readInteger("dimensions", in: bytes)
                } else {
                    _ = try cursor.skipValue(in: bytes)
                }
            }
            try cursor.finish(in: bytes)
        }

        private mutating func readEncodingFormat(
            _ cursor: inout JSONCursor, in bytes: RawSpan
        ) throws(InferenceError) {
            let value = try cursor.skipValue(in: bytes)
            encodingFormats.append(value.range)
            encodingFormat = nil
            guard value.kind != .null else { return }
            guard let format = value.string(in: bytes).flatMap(EncodingFormat.init) else {
                throw .invalid("encoding_format", "encoding_format must be float or base64")
            }
            encodingFormat = format
        }
    }
}
