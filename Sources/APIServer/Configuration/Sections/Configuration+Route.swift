extension Configuration {
    /// An ordered list of upstream targets.
    package struct Route: Sendable, Equatable {
        package var id = ""
        package var targets: [Target] = []
        /// How often a call is tried again before the first byte reached the client.
        package var retries = 2

        package init() {}

        /// A provider to try.
        package struct Target: Sendable, Equatable {
            /// The id of a provider.
            package var provider = ""
            /// The model's name at the provider; nil means the id it has here.
            package var model: String?
            package var weight = 1

            package init() {}
        }
    }
}

extension Configuration.Route: ConfigurationSection {
    static var fields: [ConfigurationField<Self>] {
        [
            .required("id", \.id, .identifier),
            .sections("targets", \.targets),
            .value("retries", \.retries, .range(0...100)),
        ]
    }
}

extension Configuration.Route.Target: ConfigurationSection {
    static var fields: [ConfigurationField<Self>] {
        [
            .required("provider", \.provider, .identifier),
            .omissible("model", \.model, .notEmpty),
            .value("weight", \.weight, .notNegative),
        ]
    }
}
