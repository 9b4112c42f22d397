/// How a run ended.
package enum RunOutcome: String, CaseIterable, Sendable {
    case ok
    /// The provider failed.
    case upstreamError = "upstream_error"
    /// The client went away.
    case interrupted
    case timeout
}

/// What a run has used of what was reserved for it.
package struct RunUsage: Hashable, Sendable {
    package let runID: String
    package let traceID: String?
    package let model: String
    package let inputTokens: Int64
    package let outputTokens: Int64
    package let cost: NanoDollars
    package let outcome: RunOutcome

    /// Far more than any run has, and little enough that sums of them stay in range.
    private static let tokenCountMax: Int64 = 1_000_000_000_000

    package init(
        runID: String, traceID: String?, model: String, inputTokens: Int64, outputTokens: Int64, cost: NanoDollars,
        outcome: RunOutcome
    ) {
        self.runID = runID
        self.traceID = traceID
        self.model = model
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.cost = cost
        self.outcome = outcome
    }

    /// - Throws: `invalidAmount`.
    func check() throws(AccountsError) {
        let tokenCounts = 0...Self.tokenCountMax
        guard tokenCounts.contains(inputTokens), tokenCounts.contains(outputTokens), cost >= .zero else {
            throw AccountsError(.invalidAmount, "a run's tokens or cost are out of range")
        }
    }
}
