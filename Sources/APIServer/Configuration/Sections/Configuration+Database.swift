extension Configuration {
    /// Where users, keys and the ledger live.
    package struct Database: Sendable, Equatable {
        /// A PostgreSQL database; nil means SQLite under the data folder.
        package var url: PostgresURL?

        package init() {}
    }
}

extension Configuration.Database: ConfigurationSection {
    static var fields: [ConfigurationField<Self>] {
        [.emptyMeansNone("url", \.url)]
    }
}
