/// Estimates the energy of a model's runs on one grid. Made once per model; an estimate is then a few multiplications.
///
/// The estimate takes the model's size, or the middle of its range, and as generation time the method's, but no more than
/// what was measured. Its low end takes the smallest size and the lowest overhead of data centres. Its high end takes the
/// largest size, the method's time as it is and the overhead with idle machines, and counts each token of the prompt,
/// which the method leaves out, as if a GPU had generated it.
package struct EnergyModel: Sendable {
    package let size: ModelSize
    package let grid: GridFactor
    package let baseline: GridFactor

    private let low: Rates
    private let middle: Rates
    private let high: Rates
    private let gridText: EnergyEstimate.Grid
    private let baselineGramsText: String
    private let totalText: String
    private let activeText: String

    package init(size: ModelSize, grid: GridFactor, baseline: GridFactor) {
        self.size = size
        self.grid = grid
        self.baseline = baseline
        low = Rates(total: size.total.lowerBound, active: size.active.lowerBound)
        middle = Rates(total: size.totalMidpoint, active: size.activeMidpoint)
        high = Rates(total: size.total.upperBound, active: size.active.upperBound)
        gridText = EnergyEstimate.Grid(
            zone: grid.zone, gramsPerKilowattHour: grid.gramsPerKilowattHour, source: grid.source,
            accounting: GridFactor.accounting)
        baselineGramsText = baseline.gramsPerKilowattHour
        totalText = DecimalText.shortest(size.totalMidpoint)
        activeText = DecimalText.shortest(size.activeMidpoint)
    }

    /// The estimate for a run, or why there is none: it wrote nothing, or no text (nil: embeddings, speech, images and
    /// videos have no method).
    ///
    /// Grams follow from the watt-hours as they are printed, so a reader who multiplies gets the same.
    package func estimate(_ generation: TextGeneration?) -> EnergyEstimate {
        guard let generation else { return .none(.noMethod) }
        guard generation.outputTokens > 0 else { return .none(.noOutput) }
        let tokens = Double(generation.outputTokens)
        let latency = generation.latencySeconds ?? .infinity
        let lowWattHours = EnergyMethod.pueLow * low.machineWattHours(tokens: tokens, latencySeconds: latency)
        let wattHours = EnergyMethod.pue * middle.machineWattHours(tokens: tokens, latencySeconds: latency)
        let prompt = EnergyMethod.pue * high.gpuWattHoursPerToken * Double(generation.inputTokens)
        let highWattHours =
            EnergyMethod.overheadHigh * high.machineWattHours(tokens: tokens, latencySeconds: .infinity) + prompt

        let microwattHours = Self.millionths(wattHours)
        let (gridFactor, baselineFactor) = (grid.centigramsPerKilowattHour, baseline.centigramsPerKilowattHour)
        return .figures(
            EnergyEstimate.Figures(
                basis: size.isKnown ? .estimate : .estimateRange, method: EnergyMethod.name,
                wattHours: DecimalText.millionths(microwattHours),
                wattHoursLow: DecimalText.millionths(Self.millionths(lowWattHours)),
                wattHoursHigh: DecimalText.millionths(Self.millionths(highWattHours)),
                carbonGrams: DecimalText.millionths(Self.micrograms(microwattHours, gridFactor)),
                grid: gridText,
                baseline: EnergyEstimate.Baseline(
                    zone: baseline.zone, gramsPerKilowattHour: baselineGramsText,
                    differenceGrams: DecimalText.millionths(
                        Self.micrograms(microwattHours, baselineFactor - gridFactor)))))
    }

    /// What the estimate was made from: `energy_inputs` of a record's details.
    package func inputs(of generation: TextGeneration) -> JSONObject {
        var members = [
            JSONObject.Member(name: "active_params_b", value: .string(activeText)),
            JSONObject.Member(name: "total_params_b", value: .string(totalText)),
            JSONObject.Member(name: "size_basis", value: .string(size.basis.rawValue)),
            JSONObject.Member(name: "batch", value: .string("\(EnergyMethod.batch)")),
            JSONObject.Member(name: "pue", value: .string(EnergyMethod.pueText)),
            JSONObject.Member(name: "output_tokens", value: .string("\(generation.outputTokens)")),
            JSONObject.Member(name: "token_basis", value: .string(generation.tokenBasis.rawValue)),
        ]
        if let latency = generation.latencySeconds {
            let text = DecimalText.millionths(Self.millionths(latency))
            members.append(JSONObject.Member(name: "latency_s", value: .string(text)))
        }
        return JSONObject(members)
    }

    private static func millionths(_ value: Double) -> Int { Int((value * 1_000_000).rounded()) }

    /// Millionths of watt-hours times hundredths of grams per kilowatt-hour, to the nearest millionth of a gram.
    ///
    /// The largest model, its most tokens and the worst grid stay below 2^62.
    private static func micrograms(_ microwattHours: Int, _ centigramsPerKilowattHour: Int) -> Int {
        let product = microwattHours * centigramsPerKilowattHour
        return (product + (product < 0 ? -50_000 : 50_000)) / 100_000
    }
}

extension EnergyModel {
    /// What machines draw for a model of one size.
    private struct Rates {
        /// By all GPUs that hold the model.
        let gpuWattHoursPerToken: Double
        let secondsPerToken: Double
        let serverWattHoursPerSecond: Double

        /// Billions of parameters.
        init(total: Double, active: Double) {
            let gpus = EnergyMethod.gpus(totalBillions: total)
            gpuWattHoursPerToken = Double(gpus) * EnergyMethod.gpuWattHoursPerToken(activeBillions: active)
            secondsPerToken = EnergyMethod.secondsPerToken(activeBillions: active)
            serverWattHoursPerSecond = EnergyMethod.serverWatts(gpus: gpus) / 3600
        }

        /// Before the data centre's overhead.
        func machineWattHours(tokens: Double, latencySeconds: Double) -> Double {
            gpuWattHoursPerToken * tokens + serverWattHoursPerSecond * min(secondsPerToken * tokens, latencySeconds)
        }
    }
}
