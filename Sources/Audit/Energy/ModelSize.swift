/// How many parameters a model has, in billions: in total, and active for one token.
///
/// A size that is known is a range of one value.
package struct ModelSize: Equatable, Sendable {
    package enum Basis: String, CaseIterable, Sendable {
        case configured
        /// Read from the model's name.
        case name
        /// Nothing is known: the range is that of a class of models.
        case classMidpoint = "class_midpoint"
    }

    package let total: ClosedRange<Double>
    package let active: ClosedRange<Double>
    package let basis: Basis

    /// From a hundred thousand parameters to ten trillion.
    package static let limits: ClosedRange<Double> = 0.000_1...10_000

    /// The size as the configuration says, or else as the first name says that says anything, or else a class's range.
    ///
    /// A configured number wins. One that is not configured is the name's if the two fit together, and otherwise the same
    /// as the other: a model of which one number is known is taken to be dense.
    ///
    /// - Returns: nil if a configured number is outside `limits`, or more parameters are active than there are.
    package init?(configuredTotal: Double? = nil, configuredActive: Double? = nil, names: [String]) {
        guard [configuredTotal, configuredActive].allSatisfy({ $0.map(Self.limits.contains) ?? true }) else {
            return nil
        }
        let named = names.lazy.compactMap(ModelSizeInName.init(_:)).first
        switch (configuredTotal, configuredActive) {
        case (let total?, let active?):
            guard active <= total else { return nil }
            self.init(total: total, active: active, basis: .configured)
        case (let total?, nil):
            let active = named?.active ?? total
            self.init(total: total, active: active <= total ? active : total, basis: .configured)
        case (nil, let active?):
            let total = named?.total ?? active
            self.init(total: active <= total ? total : active, active: active, basis: .configured)
        case (nil, nil):
            self = named.map { ModelSize(total: $0.total, active: $0.active, basis: .name) } ?? .ofClass(names: names)
        }
    }

    private init(total: Double, active: Double, basis: Basis) {
        self.init(total: total...total, active: active...active, basis: basis)
    }

    private init(total: ClosedRange<Double>, active: ClosedRange<Double>, basis: Basis) {
        self.total = total
        self.active = active
        self.basis = basis
    }

    /// Whether the size is one value and no range.
    package var isKnown: Bool { total.lowerBound == total.upperBound && active.lowerBound == active.upperBound }

    package var totalMidpoint: Double { (total.lowerBound + total.upperBound) / 2 }
    package var activeMidpoint: Double { (active.lowerBound + active.upperBound) / 2 }
}

extension ModelSize {
    /// Models that are sold as small ones: the range that EcoLogits 0.11.3 gives for GPT-4o mini.
    private static let small = ModelSize(total: 8...28, active: 8...28, basis: .classMidpoint)

    /// All others: its range for GPT-4o, in the middle of those it gives for models of unpublished size.
    private static let large = ModelSize(total: 440...440, active: 44...132, basis: .classMidpoint)

    private static let wordsForSmall: Set<String> = [
        "nano", "micro", "tiny", "mini", "small", "lite", "flash", "haiku", "instant",
    ]

    private static func ofClass(names: [String]) -> ModelSize {
        let words = names.flatMap { $0.lowercased().split { !$0.isLetter } }
        return words.contains { wordsForSmall.contains(String($0)) } ? small : large
    }
}
