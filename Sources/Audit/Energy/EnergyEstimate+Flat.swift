extension EnergyEstimate {
    /// The fields that records show beside the estimate, `energy_wh` and its neighbours: the estimate's own figures, read
    /// as numbers.
    package struct Flat: Equatable, Sendable {
        package let energyWattHours: Double?
        package let carbonGrams: Double?
        /// The difference to the baseline's grid, negative where the baseline's is the cleaner one.
        package let carbonDifferenceGrams: Double?
        /// The grid factor that was used.
        package let energySource: String?
    }

    /// All nil where there is no estimate.
    package var flat: Flat {
        guard case .figures(let figures) = self else {
            return Flat(energyWattHours: nil, carbonGrams: nil, carbonDifferenceGrams: nil, energySource: nil)
        }
        let grid = figures.grid
        return Flat(
            energyWattHours: Double(figures.wattHours), carbonGrams: Double(figures.carbonGrams),
            carbonDifferenceGrams: Double(figures.baseline.differenceGrams),
            energySource: "\(grid.zone) grid average, \(grid.accounting)-based (\(grid.source))")
    }
}
