extension Configuration {
    /// Top-ups in USDC.
    package struct USDC: Sendable, Equatable {
        package var chains: [Chain] = []

        package init() {}

        package struct Chain: Sendable, Equatable {
            package var chain = ""
            package var depositAddress = ""
            package var requiredConfirmations = 0

            package init() {}
        }
    }
}

extension Configuration.USDC: ConfigurationSection {
    static var fields: [ConfigurationField<Self>] {
        [.sections("chains", \.chains)]
    }
}

extension Configuration.USDC.Chain: ConfigurationSection {
    static var fields: [ConfigurationField<Self>] {
        [
            .required("chain", \.chain, .identifier),
            .required("deposit_address", \.depositAddress, .identifier),
            .required("required_confirmations", \.requiredConfirmations, .positive),
        ]
    }
}
