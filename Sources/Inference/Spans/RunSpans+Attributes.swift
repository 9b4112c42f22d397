import OTLP

// What the SERVER span and the CLIENT spans of a run have in common.

extension WireWriter {
    /// What was asked, and of whom.
    mutating func writeOperation(of run: InferenceRun, provider: String?) {
        spanAttribute("gen_ai.operation.name", run.operation.rawValue)
        if let provider { spanAttribute("gen_ai.provider.name", provider) }
        spanAttribute("gen_ai.request.model", run.model.id)
        if run.isStream { spanAttribute("gen_ai.request.stream", true) }
    }

    /// What came back, as far as it did.
    mutating func writeAnswer(of run: InferenceRun, askedAt: UInt64) {
        if let model = run.responseModel { spanAttribute("gen_ai.response.model", model) }
        if let id = run.responseID { spanAttribute("gen_ai.response.id", id) }
        if !run.finishReasons.isEmpty { spanAttribute("gen_ai.response.finish_reasons", run.finishReasons) }
        if run.isStream, let firstByteAt = run.firstByteAt, firstByteAt > askedAt {
            spanAttribute("gen_ai.response.time_to_first_chunk", Double(firstByteAt - askedAt) / 1e9)
        }
        if let usage = run.usage { write(usage) }
    }

    private mutating func write(_ usage: TokenUsage) {
        writeCount("gen_ai.usage.input_tokens", usage.inputTokens)
        writeCount("gen_ai.usage.output_tokens", usage.outputTokens)
        writeCount("gen_ai.usage.cache_read.input_tokens", usage.cachedInputTokens)
        writeCount("gen_ai.usage.reasoning.output_tokens", usage.reasoningTokens)
    }

    private mutating func writeCount(_ key: String, _ count: Int64) {
        if count != 0 { spanAttribute(key, count) }
    }
}

extension RunSpans {
    private static let nanoDollarsPerDollar: UInt64 = 1_000_000_000

    /// Dollars as an exact decimal number without needless zeros: `0.001234567`, `12.5`.
    static func dollars(nanoDollars: Int64) -> String {
        (nanoDollars < 0 ? "-" : "") + DecimalDollars.text(nanoDollars.magnitude, perDollar: nanoDollarsPerDollar)
    }
}
