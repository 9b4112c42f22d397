/// How a run ended.
package enum RunOutcome: String, CaseIterable, Sendable {
    case ok
    /// The provider failed.
    case upstreamError = "upstream_error"
    /// The client went away.
    case interrupted
    case timeout
    /// It reached no provider: no credit, no budget, or no provider that may be called.
    case rejected
}

/// What a run has used of what was reserved for it, and what else is recorded of it.
package struct RunUsage: Hashable, Sendable {
    package let runID: String
    package let traceID: String?
    package let model: String
    package let inputTokens: Int64
    package let outputTokens: Int64
    package let cost: NanoDollars
    package let outcome: RunOutcome
    package let details: RunDetails?
    /// The id of its record in the audit log; nil if it gets none.
    package let recordID: String?

    /// Far more than any run has, and little enough that sums of them stay in range.
    private static let tokenCountMax: Int64 = 1_000_000_000_000

    package init(
        runID: String, traceID: String?, model: String, inputTokens: Int64, outputTokens: Int64, cost: NanoDollars,
        outcome: RunOutcome, details: RunDetails? = nil, recordID: String? = nil
    ) {
        self.runID = runID
        self.traceID = traceID
        self.model = model
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.cost = cost
        self.outcome = outcome
        self.details = details
        self.recordID = recordID
    }

    /// Whether a run that reached a provider can have used this.
    ///
    /// - Throws: `invalidAmount`.
    func check() throws(AccountsError) {
        guard outcome != .rejected else {
            throw AccountsError(.invalidAmount, "a run that was rejected has used nothing to be settled")
        }
        let tokenCounts = 0...Self.tokenCountMax
        guard tokenCounts.contains(inputTokens), tokenCounts.contains(outputTokens), cost >= .zero else {
            throw AccountsError(.invalidAmount, "a run's tokens or cost are out of range")
        }
    }

    /// Whether a run that reached no provider can have used this, which is nothing.
    ///
    /// - Throws: `invalidAmount`.
    func checkRejection() throws(AccountsError) {
        let isPossible = outcome == .rejected || outcome == .interrupted
        guard isPossible, inputTokens == 0, outputTokens == 0, cost == .zero else {
            throw AccountsError(.invalidAmount, "a run that used something was not rejected")
        }
    }
}
