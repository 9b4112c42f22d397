/// A call whose model is known and whose cost has a bound: nothing that the client sent can go wrong any more.
package struct PreparedCall: Sendable {
    package let call: InferenceCall
    package let model: Model
    /// What the prompt counts as where no provider says.
    let likelyInputTokens: Int64
    /// In nano-dollars.
    let costMax: Int64

    /// What one choice may hold of a model that says nothing of its context.
    private static let outputTokensMaxDefault: Int64 = 131_072

    /// - Throws: `modelNotFound`, `notImplemented`; `invalidRequest` if the call could cost more than can be counted.
    package init(_ call: InferenceCall, in catalogue: Catalogue) throws(InferenceError) {
        let model = try catalogue.model(call.model)
        guard model.serves(call.operation) else {
            throw InferenceError(
                .modelNotFound, "the model \(model.id) is not one for this endpoint", parameter: "model")
        }
        guard call.template == nil else {
            throw InferenceError(.notImplemented, "stored prompts can't be rendered yet", parameter: "prompt")
        }
        let estimate = try call.tokenEstimate()
        let context = model.contextLength.map(Int64.init)
        self.call = call
        self.model = model
        likelyInputTokens = estimate.likely
        costMax = try model.pricing.reservation(
            inputTokens: estimate.worstCase,
            outputTokensMax: try call.outputTokensMax(perChoice: context ?? Self.outputTokensMaxDefault))
    }
}
