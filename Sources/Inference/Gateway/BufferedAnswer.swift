/// The whole of a provider's answer, read and found sound.
struct BufferedAnswer: Sendable {
    /// What the client gets.
    let body: [UInt8]
    /// What the provider reported.
    let usage: ReportedUsage?
    /// How much text came, for where nothing was reported.
    let text: TextTally
    let responseID: String?
    /// The model's name at the provider.
    let model: String?
    let finishReasons: [String]
    /// SHA-256 of what the model has written; nil if that is no text, and the whole body stands for it.
    let outputHash: [UInt8]?

    /// - Throws: `upstreamError` if the body is no answer to such a call.
    init(_ body: [UInt8], to call: InferenceCall, model catalogueID: String) throws(InferenceError) {
        switch call {
        case .chat, .completion:
            let response = try CompletionResponse(body: body)
            self.body = response.clientBody(model: catalogueID)
            usage = response.facts.usage
            text = response.facts.text
            responseID = response.facts.id
            model = response.facts.model
            finishReasons = response.facts.finishReasons
            outputHash = try response.outputHash()
        case .embedding(let request):
            let response = try EmbeddingResponse(body: body)
            self.body = try response.clientBody(model: catalogueID, encodingFormat: request.encodingFormat)
            usage = response.usage
            text = TextTally()
            responseID = nil
            model = response.model
            finishReasons = []
            outputHash = nil
        }
    }
}
