extension InferenceRun {
    /// Sets what the run is billed for: what the provider reported, else what can be counted here.
    ///
    /// - Parameters:
    ///   - text: What the model has written.
    ///   - likelyInputTokens: What the prompt counts as.
    /// - Throws: `upstreamError` if the provider reported what no run can cost.
    mutating func bill(
        _ reported: ReportedUsage?, text: TextTally, likelyInputTokens: Int64
    ) throws(InferenceError) {
        var estimate = TokenUsage(inputTokens: likelyInputTokens, outputTokens: text.tokenCount)
        estimate.isEstimated = true
        let usage = reported?.resolved(orEstimated: estimate) ?? estimate
        cost = try model.pricing.cost(
            inputTokens: usage.inputTokens, cachedInputTokens: usage.cachedInputTokens,
            outputTokens: usage.outputTokens)
        self.usage = usage
    }
}
