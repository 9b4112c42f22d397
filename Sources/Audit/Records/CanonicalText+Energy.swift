extension CanonicalText {
    /// An energy estimate whose figures were checked.
    mutating func energy(_ estimate: EnergyEstimate) {
        switch estimate {
        case .none(let reason):
            raw("{\"basis\":\"none\",\"reason\":\"")
            plain(reason.rawValue)
            raw("\"}")
        case .figures(let figures): energy(figures)
        }
    }

    private mutating func energy(_ figures: EnergyEstimate.Figures) {
        raw("{\"baseline\":{\"difference_g\":\"")
        plain(figures.baseline.differenceGrams)
        raw("\",\"g_per_kwh\":\"")
        plain(figures.baseline.gramsPerKilowattHour)
        raw("\",\"zone\":")
        string(figures.baseline.zone)
        raw("},\"basis\":\"")
        plain(figures.basis.rawValue)
        raw("\",\"carbon_g\":\"")
        plain(figures.carbonGrams)
        raw("\",\"grid\":{\"accounting\":")
        string(figures.grid.accounting)
        raw(",\"g_per_kwh\":\"")
        plain(figures.grid.gramsPerKilowattHour)
        raw("\",\"source\":")
        string(figures.grid.source)
        raw(",\"zone\":")
        string(figures.grid.zone)
        raw("},\"method\":")
        string(figures.method)
        raw(",\"wh\":\"")
        plain(figures.wattHours)
        raw("\",\"wh_high\":\"")
        plain(figures.wattHoursHigh)
        raw("\",\"wh_low\":\"")
        plain(figures.wattHoursLow)
        raw("\"}")
    }
}
