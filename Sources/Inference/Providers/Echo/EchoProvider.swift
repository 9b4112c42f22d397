import JSONParsing

/// Answers calls by saying again what it was told, so that everything can be tried without a model.
///
/// It is free and needs no network. The same request gets the same answer, but for its time; every answer names the
/// provider `echo`. A token is a word with the white space before it.
struct EchoProvider: Upstream {
    static let name: StaticString = "echo"
    private static let depthMax = 256

    /// Seconds since 1970.
    let now: @Sendable () -> Int64

    func send(_ request: UpstreamRequest) async throws(InferenceError) -> UpstreamResponse {
        guard !Task.isCancelled else { throw .cancelled }
        do {
            let document = try JSONDocument(parsing: request.body, depthMax: Self.depthMax)
            let fields = try EchoFields(document.root, of: document)
            let stamp = EchoStamp(request, created: now())
            switch request.endpoint {
            case .chatCompletions: return try answer(EchoChat(fields, of: document, stamp))
            case .completions: return try answer(EchoCompletion(fields, of: document, stamp))
            case .embeddings: return Self.response(200, [try EchoEmbedding(fields, of: document).json()])
            }
        } catch let error as EchoRefusal {
            return Self.response(400, [error.json()])
        } catch {
            return Self.response(400, [EchoRefusal("the body is not JSON: \(error)", nil).json()])
        }
    }

    private func answer(_ answer: some EchoAnswer) -> UpstreamResponse {
        guard answer.isStream else { return Self.response(200, [answer.json()]) }
        return UpstreamResponse(
            status: 200, headers: [], contentType: "text/event-stream",
            body: UpstreamBody(GeneratedBytes(EchoEvents(answer))))
    }

    private static func response(_ status: Int, _ chunks: [[UInt8]]) -> UpstreamResponse {
        UpstreamResponse(
            status: status, headers: [], contentType: "application/json", body: UpstreamBody(chunks: chunks))
    }
}
