/// The tokens of a call, counted as OpenTelemetry wants them counted: the input with what was read from a cache and what
/// was written to one, the output with its reasoning.
///
/// Some senders count those beside the rest, as some providers do. That is taken to be so where the sums say it: the
/// total, or a part that is larger than the whole.
struct GenAITokens {
    private(set) var input: Int64?
    private(set) var output: Int64?
    private(set) var cached: Int64?
    private(set) var reasoning: Int64?

    /// More than this is a mistake or worse. No sum of such counts comes near the limits of 64 bits.
    static let countMax: Int64 = 1_000_000_000

    init(_ reading: GenAIReading) {
        input = reading.count(.inputTokens)
        output = reading.count(.outputTokens)
        cached = reading.count(.cachedInputTokens)
        reasoning = reading.count(.reasoningTokens)
        include(cache: (cached ?? 0) + (reading.count(.cacheWriteTokens) ?? 0), total: reading.count(.totalTokens))
    }

    private mutating func include(cache: Int64, total: Int64?) {
        let reasoning = reasoning ?? 0
        var missingInput = cache > (input ?? cache) ? cache : 0
        var missingOutput = reasoning > (output ?? reasoning) ? reasoning : 0
        if let input, let output, let total {
            let readings = [(0, 0), (cache, 0), (0, reasoning), (cache, reasoning)]
            if let fitting = readings.first(where: { input + $0 + output + $1 == total }) {
                missingInput = max(missingInput, fitting.0)
                missingOutput = max(missingOutput, fitting.1)
            }
        }
        input = input.map { $0 + missingInput }
        output = output.map { $0 + missingOutput }
    }
}
