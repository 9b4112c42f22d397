/// What a kilowatt-hour of a zone's grid emits on average, and who says so.
///
/// Every factor is location-based: of the grid where the power is drawn, not of contracts about it.
package struct GridFactor: Equatable, Sendable {
    /// `WORLD`, or the zone's ISO 3166-1 alpha-3 code, as the configuration writes it.
    package let zone: String
    /// Grams of CO2 equivalent per kilowatt-hour, times a hundred.
    let centigramsPerKilowattHour: Int
    /// The table that the factor stands in, with its version.
    package let source: String

    /// The factor of a zone, or nil if the table has none for it.
    package init?(zone: String) {
        guard let factor = Self.table.first(where: { $0.zone == zone }) else { return nil }
        self = factor
    }

    private init(_ zone: String, _ centigramsPerKilowattHour: Int, _ source: String) {
        self.zone = zone
        self.centigramsPerKilowattHour = centigramsPerKilowattHour
        self.source = source
    }

    package var gramsPerKilowattHour: String { DecimalText.hundredths(centigramsPerKilowattHour) }

    package static let accounting = "location"

    /// The zones that have a factor.
    package static var zones: [String] { table.map(\.zone) }

    /// https://github.com/genai-impact/ecologits, `electricity_mixes` of release 0.11.3.
    private static let ecologits = "ecologits-electricity-mixes@0.11.3"
    /// https://github.com/mlco2/codecarbon, `global_energy_mix.json`: figures of Our World in Data for 2023.
    private static let codecarbon = "codecarbon-owid-2023"

    private static let table = [
        GridFactor("WORLD", 458_29, ecologits),
        GridFactor("USA", 384_40, ecologits),
        GridFactor("DEU", 329_65, ecologits),
        GridFactor("FRA", 41_44, ecologits),
        GridFactor("SWE", 35_26, ecologits),
        GridFactor("NOR", 28_11, ecologits),
        GridFactor("CHN", 525_34, ecologits),
        GridFactor("SGP", 497_09, ecologits),
        GridFactor("JPN", 485_39, codecarbon),
        GridFactor("GBR", 237_59, codecarbon),
        GridFactor("IND", 713_44, codecarbon),
    ]
}
