/// What a span says of a call to a model, whichever dialect its sender speaks: equal calls give equal views, but for the
/// dialect's name.
///
/// The span itself stays as it is. Nothing in it is trusted: a count that is no whole number or makes no sense, or a name
/// of unlikely length, reads as not told.
package struct GenAISpanView: Hashable, Sendable {
    package let dialect: GenAIDialect
    /// OpenTelemetry's word, such as `chat`, `text_completion` or `embeddings`.
    package let operation: String?
    /// OpenTelemetry's word, such as `openai` or `aws.bedrock`, where it has one.
    package let provider: String?
    package let requestModel: String?
    package let responseModel: String?
    /// All tokens of the input, those read from and written to a cache included: what is cached is a part of it, to be
    /// taken off once where it has another price.
    package let inputTokens: Int64?
    /// All tokens of the output, those of the reasoning included.
    package let outputTokens: Int64?
    /// The part of the input that was read from the provider's cache.
    package let cachedInputTokens: Int64?
    /// The part of the output that went into reasoning.
    package let reasoningTokens: Int64?
    /// Why the choices ended, in their order.
    package let finishReasons: [String]

    /// Reads a `Span` message that the walker has accepted.
    ///
    /// Nil if it tells of no operation, no model and no tokens, or is malformed after all.
    package init?(span: RawSpan) {
        var reading = GenAIReading()
        do throws(WireFault) {
            try reading.readAttributes(of: span)
        } catch {
            // The walker lets no such span in, so that there is nobody to tell.
            return nil
        }
        guard let dialect = reading.dialect else { return nil }
        self.dialect = dialect
        operation = reading.operation
        provider = reading.text(.provider)
        requestModel = reading.text(.requestModel)
        responseModel = reading.text(.responseModel)
        let tokens = GenAITokens(reading)
        inputTokens = tokens.input
        outputTokens = tokens.output
        cachedInputTokens = tokens.cached
        reasoningTokens = tokens.reasoning
        finishReasons = reading.finishReasons
    }
}

/// Whose names a span uses.
package enum GenAIDialect: String, CaseIterable, Sendable {
    /// OpenTelemetry's names of today.
    case current = "gen_ai"
    /// OpenTelemetry's names up to 1.36, such as `gen_ai.system`.
    case deprecated = "gen_ai_deprecated"
    case openInference = "openinference"
    case traceloop
}

extension JSONWriter {
    /// Writes a view as an object; what is not told is null.
    package mutating func genAISpan(_ view: GenAISpanView) {
        beginObject()
        nullable("operation", view.operation)
        nullable("provider", view.provider)
        nullable("request_model", view.requestModel)
        nullable("response_model", view.responseModel)
        nullable("input_tokens", view.inputTokens)
        nullable("output_tokens", view.outputTokens)
        nullable("cached_input_tokens", view.cachedInputTokens)
        nullable("reasoning_tokens", view.reasoningTokens)
        key("finish_reasons")
        beginArray()
        for reason in view.finishReasons { string(reason) }
        endArray()
        key("dialect")
        string(view.dialect.rawValue)
        endObject()
    }

    private mutating func nullable(_ name: StaticString, _ value: String?) {
        key(name)
        if let value { string(value) } else { null() }
    }

    private mutating func nullable(_ name: StaticString, _ value: Int64?) {
        key(name)
        if let value { integer(value) } else { null() }
    }
}
