extension Configuration {
    /// The audit log.
    package struct Audit: Sendable, Equatable {
        /// The log's origin; nil means made from the public URL at first start.
        package var origin: String?
        /// A file outside the data folder that is rewritten with each checkpoint and compared at start.
        package var checkpointFile: String?

        package init() {}
    }
}

extension Configuration.Audit: ConfigurationSection {
    static var fields: [ConfigurationField<Self>] {
        [
            .emptyMeansNone("origin", \.origin, .logOrigin),
            .emptyMeansNone("checkpoint_file", \.checkpointFile, .path),
        ]
    }
}
