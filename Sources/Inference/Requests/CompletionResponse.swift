/// The whole body of a provider's answer to a chat or completion call.
package struct CompletionResponse: Sendable {
    package let body: [UInt8]
    package let facts: ResponseFacts

    private let object: CompletionObject

    /// Throws `.upstreamError` if the body is not such an answer: no JSON, no choices, or an error in spite of the
    /// status that came with it.
    package init(body: [UInt8]) throws(InferenceError) {
        var facts = ResponseFacts()
        let object = try body.withRawBytes { (bytes) throws(InferenceError) in
            try CompletionObject(0..<bytes.byteCount, of: bytes, addingTo: &facts)
        }
        if object.error != nil { throw UpstreamErrorBody(body: body).inferenceError }
        guard object.choiceCount != nil else {
            throw .unreadable("it has no choices")
        }
        self.body = body
        self.facts = facts
        self.object = object
    }

    /// SHA-256 of what the choices say.
    func outputHash() throws(InferenceError) -> [UInt8] {
        try body.withRawBytes { (bytes) throws(InferenceError) in
            try OutputDigest.digest(of: object.parts, in: bytes)
        }
    }

    /// What the client gets: the catalogue's name of the model.
    package func clientBody(model catalogueID: String) -> [UInt8] {
        var edits = BodyEdits()
        for range in object.models { edits.replace(range, with: catalogueID.json) }
        return edits.applied(to: body)
    }
}
