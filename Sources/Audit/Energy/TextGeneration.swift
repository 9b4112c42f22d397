/// What a run that wrote text is known to have done.
package struct TextGeneration: Equatable, Sendable {
    /// Who counted the tokens.
    package enum TokenBasis: String, CaseIterable, Sendable {
        case provider
        /// Counted by the gateway, from the text.
        case estimated
    }

    package var outputTokens: Int
    /// Zero if it is not known or not to be seen: it widens the estimate, which is public.
    package var inputTokens: Int
    package var tokenBasis: TokenBasis
    /// From the request's way out to its answer's end, nil if nobody measured it.
    package var latencySeconds: Double?

    /// Numbers of tokens above `tokensMax` count as this, those below zero as none. A latency that is negative or no number
    /// counts as not measured.
    package init(
        outputTokens: Int, inputTokens: Int = 0, tokenBasis: TokenBasis = .provider, latencySeconds: Double?
    ) {
        self.outputTokens = min(max(outputTokens, 0), Self.tokensMax)
        self.inputTokens = min(max(inputTokens, 0), Self.tokensMax)
        self.tokenBasis = tokenBasis
        self.latencySeconds = latencySeconds.flatMap { $0 >= 0 && $0.isFinite ? min($0, Self.latencySecondsMax) : nil }
    }

    package static let tokensMax = 10_000_000
    /// A month.
    package static let latencySecondsMax: Double = 2_592_000
}
