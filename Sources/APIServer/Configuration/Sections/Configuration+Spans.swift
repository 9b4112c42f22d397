extension Configuration {
    /// Where spans live, and for how long.
    package struct Spans: Sendable, Equatable {
        package var store = Store.embedded
        /// A PostgreSQL database for spans alone; nil means `database.url`.
        package var url: PostgresURL?
        package var retentionDays = 30
        /// The size at which the oldest spans go; 0 means no limit.
        package var retentionBytes = 0
        /// The memory that the newest spans take before they are written to a block.
        package var headBytes = 24 << 20

        package init() {}

        package enum Store: String, Sendable, CaseIterable {
            case embedded, database
        }
    }
}

extension Configuration.Spans.Store: ScalarValue {}

extension Configuration.Spans: ConfigurationSection {
    static var fields: [ConfigurationField<Self>] {
        [
            .value("store", \.store),
            .emptyMeansNone("url", \.url),
            .value("retention_days", \.retentionDays, .days),
            .value("retention_bytes", \.retentionBytes, .sizeOrZero),
            .value("head_bytes", \.headBytes, .size),
        ]
    }
}
