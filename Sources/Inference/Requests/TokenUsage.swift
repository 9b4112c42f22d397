internal import OTLP

/// The tokens that a run is billed for.
package struct TokenUsage: Hashable, Sendable {
    /// All tokens of the prompt, the cached ones included.
    package var inputTokens: Int64
    /// All tokens of the answer, those of the reasoning included.
    package var outputTokens: Int64
    /// How many of the input tokens the provider had in its cache.
    package var cachedInputTokens: Int64 = 0
    /// How many of the output tokens went into reasoning.
    package var reasoningTokens: Int64 = 0
    /// Whether one of the numbers was counted here, because the provider did not report it.
    package var isEstimated = false

    package init(inputTokens: Int64, outputTokens: Int64) {
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
    }
}

extension TokenUsage {
    /// The value of a `usage` member.
    var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("prompt_tokens")
        writer.integer(inputTokens)
        writer.key("completion_tokens")
        writer.integer(outputTokens)
        writer.key("total_tokens")
        writer.integer(inputTokens + outputTokens)
        writer.endObject()
        return writer.bytes
    }
}

/// The `usage` of a provider's answer, as far as it can be believed.
///
/// A number that is negative, has a fraction, or is larger than any call could use counts as not reported.
package struct ReportedUsage: Hashable, Sendable {
    package private(set) var promptTokens: Int64?
    package private(set) var completionTokens: Int64?
    package private(set) var totalTokens: Int64?
    /// `prompt_tokens_details.cached_tokens`
    package private(set) var cachedTokens: Int64?
    /// `completion_tokens_details.reasoning_tokens`
    package private(set) var reasoningTokens: Int64?

    /// More than this is a mistake or worse.
    static let tokensMax: Int64 = 1_000_000_000

    /// What the run is billed for. A number that is missing is worked out from the other two, else taken from the
    /// estimate. A report of nothing but zeros, which some servers send as a placeholder, is no report.
    package func resolved(orEstimated estimate: TokenUsage) -> TokenUsage {
        let isPlaceholder = [promptTokens, completionTokens, totalTokens].allSatisfy { ($0 ?? 0) == 0 }
        let input = isPlaceholder ? nil : promptTokens ?? difference(totalTokens, completionTokens)
        let output = isPlaceholder ? nil : completionTokens ?? difference(totalTokens, promptTokens)
        var usage = TokenUsage(
            inputTokens: input ?? estimate.inputTokens, outputTokens: output ?? estimate.outputTokens)
        usage.isEstimated = input == nil || output == nil
        if let cachedTokens, cachedTokens <= usage.inputTokens { usage.cachedInputTokens = cachedTokens }
        if let reasoningTokens, reasoningTokens <= usage.outputTokens { usage.reasoningTokens = reasoningTokens }
        return usage
    }

    private func difference(_ total: Int64?, _ part: Int64?) -> Int64? {
        guard let total, let part, part <= total else { return nil }
        return total - part
    }
}

extension ReportedUsage {
    /// Steps over the value of `usage`; nil if it is no object.
    static func read(_ cursor: inout JSONCursor, in bytes: RawSpan) throws(InferenceError) -> ReportedUsage? {
        guard cursor.nextKind(in: bytes) == .object else {
            _ = try cursor.skipValue(in: bytes)
            return nil
        }
        var usage = ReportedUsage()
        var object = try cursor.beginObject(in: bytes)
        while let member = try cursor.nextMember(of: &object, in: bytes) {
            if member.isNamed("prompt_tokens", in: bytes) {
                usage.promptTokens = try readCount(&cursor, in: bytes)
            } else if member.isNamed("completion_tokens", in: bytes) {
                usage.completionTokens = try readCount(&cursor, in: bytes)
            } else if member.isNamed("total_tokens", in: bytes) {
                usage.totalTokens = try readCount(&cursor, in: bytes)
            } else if member.isNamed("prompt_tokens_details", in: bytes) {
                usage.cachedTokens = try readDetail("cached_tokens", &cursor, in: bytes)
            } else if member.isNamed("completion_tokens_details", in: bytes) {
                usage.reasoningTokens = try readDetail("reasoning_tokens", &cursor, in: bytes)
            } else {
                _ = try cursor.skipValue(in: bytes)
            }
        }
        return usage
    }

    private static func readCount(_ cursor: inout JSONCursor, in bytes: RawSpan) throws(InferenceError) -> Int64? {
        let value = try cursor.skipValue(in: bytes)
        guard let count = value.integer(in: bytes), 0...tokensMax ~= count else { return nil }
        return count
    }

    private static func readDetail(
        _ name: StaticString, _ cursor: inout JSONCursor, in bytes: RawSpan
    ) throws(InferenceError) -> Int64? {
        guard cursor.nextKind(in: bytes) == .object else {
            _ = try cursor.skipValue(in: bytes)
            return nil
        }
        var count: Int64?
        var object = try cursor.beginObject(in: bytes)
        while let member = try cursor.nextMember(of: &object, in: bytes) {
            if member.isNamed(name, in: bytes) {
                count = try readCount(&cursor, in: bytes)
            } else {
                _ = try cursor.skipValue(in: bytes)
            }
        }
        return count
    }
}
