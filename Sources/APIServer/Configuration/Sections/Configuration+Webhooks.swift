extension Configuration {
    /// Webhooks of batches.
    package struct Webhooks: Sendable, Equatable {
        /// Whether they may go to loopback, link-local and private addresses.
        package var allowPrivate = false

        package init() {}
    }
}

extension Configuration.Webhooks: ConfigurationSection {
    static var fields: [ConfigurationField<Self>] {
        [.value("allow_private", \.allowPrivate)]
    }
}
