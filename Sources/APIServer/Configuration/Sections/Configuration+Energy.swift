extension Configuration {
    /// The grids that energy estimates are made for.
    package struct Energy: Sendable, Equatable {
        package var gridZone = "WORLD"
        /// The grid that savings are counted against.
        package var baselineZone = "USA"

        package init() {}
    }
}

extension Configuration.Energy: ConfigurationSection {
    static var fields: [ConfigurationField<Self>] {
        [
            .value("grid_zone", \.gridZone, .identifier),
            .value("baseline_zone", \.baselineZone, .identifier),
        ]
    }
}
