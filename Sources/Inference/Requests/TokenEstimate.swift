/// How many tokens a prompt may be counted as by a provider.
package struct TokenEstimate: Hashable, Sendable {
    /// The best guess: what is billed, marked as estimated, where a provider reports no usage.
    package let likely: Int64
    /// What is reserved. Text can't exceed it, and the fixed parts are at the upper end of what is in use; a caller
    /// that knows the model's context length has a second bound.
    package let worstCase: Int64
}

/// Adds up a prompt.
struct PromptMeasure {
    var text = TextTally()
    private var likely: Int64 = 0
    private var worstCase: Int64 = 0

    var estimate: TokenEstimate {
        TokenEstimate(likely: likely + text.tokenCount, worstCase: worstCase + text.byteCount)
    }

    /// Tokens that the client has counted itself.
    mutating func add(tokens: Int64) {
        likely += tokens
        worstCase += tokens
    }

    /// What a model's template puts around a conversation, some with a system prompt of their own.
    mutating func addConversation() {
        likely += 3
        worstCase += 256
    }

    /// What a template puts around one message: role, separators.
    mutating func addMessage() {
        likely += 4
        worstCase += 16
    }

    /// What a model puts around plain texts: marks for beginning and end.
    mutating func addTexts(_ count: Int64) {
        likely += count
        worstCase += 4 * count
    }

    /// A picture of any size: models take from 85 to 1,600 tokens by default, the hungriest that is common 16,384.
    mutating func addImage() {
        likely += 1_024
        worstCase += 16_384
    }

    /// Sound of so many bytes in base64. Models take 10 to 25 tokens a second, and a second of compressed speech has
    /// about 5,000 bytes.
    mutating func addAudio(byteCount: Int) {
        likely += max(64, Int64(byteCount) / 512)
        worstCase += max(1_024, Int64(byteCount) / 64)
    }

    /// A document, a video or something unknown: text and pictures may be in it.
    mutating func addFile(byteCount: Int) {
        likely += max(1_024, Int64(byteCount) / 32)
        worstCase += max(16_384, Int64(byteCount) / 8)
    }
}
