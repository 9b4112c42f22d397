/// What a model costs. A price that is nil is not charged; a model without prices is free.
///
/// Costs are nano-dollars, 10⁻⁹ $, rounded once, half up, when everything of a run has been added.
package struct Pricing: Hashable, Sendable {
    /// Prices of tokens are for a million of them.
    package var standardInput: Price?
    package var standardOutput: Price?
    /// For the part of the input that the provider had in its cache; nil means that it costs what other input costs.
    package var cachedInput: Price?
    package var batchInput: Price?
    package var batchOutput: Price?
    package var perImage: Price?
    package var perSecondOfVideo: Price?
    package var perMillionCharacters: Price?

    /// From pico-dollars a million tokens to nano-dollars a token.
    private static let divisor: UInt128 = 1_000_000 * 1_000

    package init() {}

    /// Whether no price is above zero: such a model needs no balance.
    package var isFree: Bool {
        let prices = [
            standardInput, standardOutput, cachedInput, batchInput, batchOutput, perImage, perSecondOfVideo,
            perMillionCharacters,
        ]
        return prices.allSatisfy { ($0?.picoDollars ?? 0) == 0 }
    }

    /// What a run costs, in nano-dollars.
    ///
    /// Providers report nonsense at times: negative counts are taken for 0, and no more can be cached than went in.
    /// - Parameters:
    ///   - inputTokens: All of the input, the cached part included.
    ///   - cachedInputTokens: The cached part of it.
    /// - Throws: `upstreamError` if the cost is out of the range of 64 bits.
    package func cost(
        inputTokens: Int64, cachedInputTokens: Int64 = 0, outputTokens: Int64
    ) throws(InferenceError) -> Int64 {
        let input = max(0, inputTokens)
        let cached = min(max(0, cachedInputTokens), input)
        let total =
            Self.amount(input - cached, standardInput) + Self.amount(cached, cachedInput ?? standardInput)
            + Self.amount(max(0, outputTokens), standardOutput)
        guard let cost = Self.nanoDollars(total) else {
            throw InferenceError(.upstreamError, "the provider reported a usage that is out of range")
        }
        return cost
    }

    /// The most that a run can cost, in nano-dollars, however much of its input is cached.
    ///
    /// - Parameters:
    ///   - inputTokens: How many tokens the prompt has, or a number that is not below it.
    ///   - outputTokensMax: The most that one choice may hold.
    ///   - choiceCount: How many choices are asked for.
    /// - Throws: `invalidRequest` if the cost is out of the range of 64 bits.
    package func reservation(
        inputTokens: Int64, outputTokensMax: Int64, choiceCount: Int64 = 1
    ) throws(InferenceError) -> Int64 {
        let (output, isOutOfRange) = max(0, outputTokensMax).multipliedReportingOverflow(by: max(1, choiceCount))
        guard !isOutOfRange else { throw Self.tooMuchAskedFor }
        let input = max(0, inputTokens)
        let total =
            max(Self.amount(input, standardInput), Self.amount(input, cachedInput))
            + Self.amount(output, standardOutput)
        guard let reservation = Self.nanoDollars(total) else { throw Self.tooMuchAskedFor }
        return reservation
    }

    private static var tooMuchAskedFor: InferenceError {
        InferenceError(.invalidRequest, "the number of tokens asked for is out of range")
    }

    /// Three such products fit 128 bits, so that sums need no check.
    private static func amount(_ count: Int64, _ price: Price?) -> UInt128 {
        UInt128(count) * UInt128(price?.picoDollars ?? 0)
    }

    private static func nanoDollars(_ total: UInt128) -> Int64? {
        Int64(exactly: (total + divisor / 2) / divisor)
    }
}
