package import Foundation

extension Configuration {
    /// What a model costs, in US dollars. A price that is left out is nil, and a model without prices is free.
    package struct Pricing: Sendable, Equatable {
        /// What the prices of tokens count.
        package var unit = Unit.usdPerMillionTokens
        package var standardInput: Decimal?
        package var standardOutput: Decimal?
        package var cachedInput: Decimal?
        package var batchInput: Decimal?
        package var batchOutput: Decimal?
        package var perImage: Decimal?
        package var perSecondOfVideo: Decimal?
        package var perMillionCharacters: Decimal?

        package init() {}

        package enum Unit: String, Sendable, CaseIterable {
            case usdPerMillionTokens = "usd_per_1m_tokens"
        }
    }
}

extension Configuration.Pricing.Unit: ScalarValue {}

extension Configuration.Pricing: ConfigurationSection {
    static var fields: [ConfigurationField<Self>] {
        [
            .value("unit", \.unit),
            .omissible("std_input", \.standardInput, .price),
            .omissible("std_output", \.standardOutput, .price),
            .omissible("cached_input", \.cachedInput, .price),
            .omissible("batch_input", \.batchInput, .price),
            .omissible("batch_output", \.batchOutput, .price),
            .omissible("per_image", \.perImage, .price),
            .omissible("per_second_video", \.perSecondOfVideo, .price),
            .omissible("per_million_characters", \.perMillionCharacters, .price),
        ]
    }
}
