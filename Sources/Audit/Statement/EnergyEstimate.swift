/// What a statement says of a run's energy: an estimate with its method and sources, or why there is none.
package enum EnergyEstimate: Equatable, Sendable {
    package enum MissingReason: String, CaseIterable, Sendable {
        case noMethod = "no_method"
        case noOutput = "no_output"
        case withheld
    }

    package enum Basis: String, CaseIterable, Sendable {
        case estimate
        /// The model's size is not known, only its range.
        case estimateRange = "estimate_range"
    }

    /// Figures are decimal numbers in text, with `low <= value <= high`.
    package struct Figures: Equatable, Sendable {
        package var basis: Basis
        package var method: String
        package var wattHours: String
        package var wattHoursLow: String
        package var wattHoursHigh: String
        package var carbonGrams: String
        package var grid: Grid
        package var baseline: Baseline

        package init(
            basis: Basis, method: String, wattHours: String, wattHoursLow: String, wattHoursHigh: String,
            carbonGrams: String, grid: Grid, baseline: Baseline
        ) {
            self.basis = basis
            self.method = method
            self.wattHours = wattHours
            self.wattHoursLow = wattHoursLow
            self.wattHoursHigh = wattHoursHigh
            self.carbonGrams = carbonGrams
            self.grid = grid
            self.baseline = baseline
        }
    }

    package struct Grid: Equatable, Sendable {
        package var zone: String
        package var gramsPerKilowattHour: String
        package var source: String
        package var accounting: String

        package init(zone: String, gramsPerKilowattHour: String, source: String, accounting: String) {
            self.zone = zone
            self.gramsPerKilowattHour = gramsPerKilowattHour
            self.source = source
            self.accounting = accounting
        }
    }

    package struct Baseline: Equatable, Sendable {
        package var zone: String
        package var gramsPerKilowattHour: String
        package var differenceGrams: String

        package init(zone: String, gramsPerKilowattHour: String, differenceGrams: String) {
            self.zone = zone
            self.gramsPerKilowattHour = gramsPerKilowattHour
            self.differenceGrams = differenceGrams
        }
    }

    case none(MissingReason)
    case figures(Figures)
}

extension EnergyEstimate {
    var json: JSONValue {
        switch self {
        case .none(let reason): ["basis": "none", "reason": .string(reason.rawValue)]
        case .figures(let figures):
            [
                "baseline": [
                    "difference_g": .string(figures.baseline.differenceGrams),
                    "g_per_kwh": .string(figures.baseline.gramsPerKilowattHour),
                    "zone": .string(figures.baseline.zone),
                ],
                "basis": .string(figures.basis.rawValue), "carbon_g": .string(figures.carbonGrams),
                "grid": [
                    "accounting": .string(figures.grid.accounting),
                    "g_per_kwh": .string(figures.grid.gramsPerKilowattHour), "source": .string(figures.grid.source),
                    "zone": .string(figures.grid.zone),
                ],
                "method": .string(figures.method), "wh": .string(figures.wattHours),
                "wh_high": .string(figures.wattHoursHigh), "wh_low": .string(figures.wattHoursLow),
            ]
        }
    }

    /// - Throws: `invalidShape` if a figure is no number, a name is empty or the three figures are not in their order.
    func check() throws(AuditError) {
        guard case .figures(let figures) = self else { return }
        let (grid, baseline) = (figures.grid, figures.baseline)
        let isNumeric =
            TextRule.unsignedDecimal.accepts(figures.wattHours)
            && TextRule.unsignedDecimal.accepts(figures.wattHoursLow)
            && TextRule.unsignedDecimal.accepts(figures.wattHoursHigh)
            && TextRule.unsignedDecimal.accepts(figures.carbonGrams)
            && TextRule.unsignedDecimal.accepts(grid.gramsPerKilowattHour)
            && TextRule.unsignedDecimal.accepts(baseline.gramsPerKilowattHour)
            && TextRule.decimal.accepts(baseline.differenceGrams)
        let isNamed =
            TextRule.nonEmpty.accepts(figures.method) && TextRule.nonEmpty.accepts(grid.zone)
            && TextRule.nonEmpty.accepts(grid.source) && TextRule.nonEmpty.accepts(grid.accounting)
            && TextRule.nonEmpty.accepts(baseline.zone)
        guard isNumeric, isNamed else {
            throw AuditError(.invalidShape, "energy has a figure that is no number or a name that is empty")
        }
        guard Self.isOrdered(figures.wattHoursLow, figures.wattHours),
            Self.isOrdered(figures.wattHours, figures.wattHoursHigh)
        else { throw AuditError(.invalidShape, "wh of energy is not between wh_low and wh_high") }
    }

    /// - Throws: `invalidShape`.
    init(_ json: JSONValue) throws(AuditError) {
        if let basis = json.object?["basis"]?.string, basis.utf8.elementsEqual("none".utf8) {
            let members = try ClosedObject(json, "energy", required: ["basis", "reason"])
            self = .none(try members.choice("reason"))
            return
        }
        let members = try ClosedObject(
            json, "energy",
            required: ["basis", "method", "wh", "wh_low", "wh_high", "carbon_g", "grid", "baseline"])
        let grid = try ClosedObject(
            try members.value("grid"), "grid", required: ["zone", "g_per_kwh", "source", "accounting"])
        let baseline = try ClosedObject(
            try members.value("baseline"), "baseline", required: ["zone", "g_per_kwh", "difference_g"])
        let figures = Figures(
            basis: try members.choice("basis"), method: try members.string("method"),
            wattHours: try members.string("wh"),
            wattHoursLow: try members.string("wh_low"),
            wattHoursHigh: try members.string("wh_high"),
            carbonGrams: try members.string("carbon_g"),
            grid: Grid(
                zone: try grid.string("zone"),
                gramsPerKilowattHour: try grid.string("g_per_kwh"),
                source: try grid.string("source"), accounting: try grid.string("accounting")),
            baseline: Baseline(
                zone: try baseline.string("zone"),
                gramsPerKilowattHour: try baseline.string("g_per_kwh"),
                differenceGrams: try baseline.string("difference_g")))
        self = .figures(figures)
        try check()
    }

    /// Whether one decimal number is not greater than another, compared digit by digit.
    private static func isOrdered(_ low: String, _ high: String) -> Bool {
        let (low, high) = (low.utf8.span, high.utf8.span)
        let (lowPoint, highPoint) = (point(of: low), point(of: high))
        if lowPoint != highPoint { return lowPoint < highPoint }
        // Behind the last digit of one there are zeros to compare with those of the other.
        for index in 0..<max(low.count, high.count) where index != lowPoint {
            let (lowDigit, highDigit) = (digit(of: low, at: index), digit(of: high, at: index))
            if lowDigit != highDigit { return lowDigit < highDigit }
        }
        return true
    }

    /// How many digits stand before the decimal point.
    private static func point(of number: Span<UInt8>) -> Int {
        for index in number.indices where number[index] == UInt8(ascii: ".") { return index }
        return number.count
    }

    private static func digit(of number: Span<UInt8>, at index: Int) -> UInt8 {
        index < number.count ? number[index] : UInt8(ascii: "0")
    }
}
