import Audit
import Testing

struct EnergyModelTests {
    @Test(arguments: [
        (32.8, 90, 0.0107, 0.000_05), (32.8, 400, 0.0477, 0.000_05), (32.8, 1000, 0.119, 0.000_5),
        (7, 400, 0.035, 0.000_5),
    ])
    func `published figures are met`(billions: Double, tokens: Int, expected: Double, rounding: Double) throws {
        let figures = try figures(model(billions), outputTokens: tokens)
        #expect(abs(try #require(Double(figures.wattHours)) - expected) <= rounding)
        #expect(figures.method == "ecologits-llm@0.11.3")
        #expect(figures.basis == .estimate)
    }

    @Test(arguments: EnergyReference.table) func `estimates are those of the method's own package`(
        reference: EnergyReference
    ) throws {
        let size = try #require(
            ModelSize(configuredTotal: reference.total, configuredActive: reference.active, names: []))
        let figures = try figures(
            model(size: size), outputTokens: reference.outputTokens, latencySeconds: reference.latencySeconds)
        #expect(figures.wattHoursLow == reference.low)
        #expect(figures.wattHours == reference.middle)
        #expect(figures.wattHoursHigh == reference.high)
    }

    @Test func `grams follow from the watt-hours that are printed`() throws {
        let figures = try figures(model(32.8, grid: "SWE"), outputTokens: 90)
        #expect(figures.wattHours == "0.010732")
        #expect(figures.carbonGrams == "0.000378")
        #expect(figures.grid.gramsPerKilowattHour == "35.26")
        #expect(figures.baseline.gramsPerKilowattHour == "384.40")
        #expect(figures.baseline.differenceGrams == "0.003747")
    }

    @Test func `the difference is negative where the baseline is the cleaner grid`() throws {
        let figures = try figures(model(32.8, grid: "IND", baseline: "NOR"), outputTokens: 1000)
        #expect(figures.wattHours == "0.119244")
        #expect(figures.carbonGrams == "0.085073")
        #expect(figures.baseline.differenceGrams == "-0.081721")
        let same = try self.figures(model(32.8, grid: "FRA", baseline: "FRA"), outputTokens: 1000)
        #expect(same.baseline.differenceGrams == "0.000000")
    }

    @Test func `a model of unknown size gets the middle of its class and a range`() throws {
        let unknown = try #require(ModelSize(names: ["gpt-4.1"]))
        let figures = try figures(model(size: unknown), outputTokens: 400)
        let middle = try #require(ModelSize(configuredTotal: 440, configuredActive: 88, names: []))
        let smallest = try #require(ModelSize(configuredTotal: 440, configuredActive: 44, names: []))
        let largest = try #require(ModelSize(configuredTotal: 440, configuredActive: 132, names: []))
        #expect(figures.basis == .estimateRange)
        #expect(try figures.wattHours == self.figures(model(size: middle), outputTokens: 400).wattHours)
        #expect(try figures.wattHoursLow == self.figures(model(size: smallest), outputTokens: 400).wattHoursLow)
        #expect(try figures.wattHoursHigh == self.figures(model(size: largest), outputTokens: 400).wattHoursHigh)
    }

    @Test func `runs without output and work without a method have no figures`() throws {
        let model = try model(7)
        #expect(model.estimate(nil) == .none(.noMethod))
        #expect(model.estimate(TextGeneration(outputTokens: 0, latencySeconds: 1)) == .none(.noOutput))
        #expect(model.estimate(TextGeneration(outputTokens: -5, latencySeconds: 1)) == .none(.noOutput))
    }

    @Test func `a long prompt widens the estimate upwards only`() throws {
        let model = try model(7)
        let short = try figures(model, outputTokens: 100)
        let long = try figures(model, outputTokens: 100, inputTokens: 10_000)
        #expect(short.wattHours == long.wattHours)
        #expect(short.wattHoursLow == long.wattHoursLow)
        #expect(short.wattHoursHigh == "0.017588")
        #expect(long.wattHoursHigh == "0.551770")
    }

    @Test func `a latency that is no time counts as not measured`() throws {
        let model = try model(7)
        let unmeasured = model.estimate(TextGeneration(outputTokens: 100, latencySeconds: nil))
        for latency in [-1, .nan, .infinity, -.infinity] as [Double] {
            let generation = TextGeneration(outputTokens: 100, latencySeconds: latency)
            #expect(model.estimate(generation) == unmeasured)
            #expect(model.inputs(of: generation)["latency_s"] == nil)
        }
    }

    @Test func `every estimate is ordered, deterministic and fit to be signed`() throws {
        let names = [
            "m-0.1m", "opt-125m", "llama-3.2-1b", "mixtral-8x22b", "llama-405b", "m-9999b", "gpt-4o", "gpt-4o-mini",
        ]
        for name in names {
            for zone in ["NOR", "WORLD", "IND"] {
                let model = try model(size: try #require(ModelSize(names: [name])), grid: zone)
                for tokens in [1, 2, 3, 17, 399, 4096, 1_000_000, Int.max] {
                    for latency in [0, 1e-9, 0.4, 12, 1e300, nil] as [Double?] {
                        let generation = TextGeneration(
                            outputTokens: tokens, inputTokens: tokens, latencySeconds: latency)
                        let energy = model.estimate(generation)
                        #expect(energy == model.estimate(generation))
                        let flat = energy.flat
                        let figures = try figures(energy)
                        let low = try #require(Double(figures.wattHoursLow))
                        let high = try #require(Double(figures.wattHoursHigh))
                        let wattHours = try #require(flat.energyWattHours)
                        #expect(0 < low && low <= wattHours && wattHours <= high)
                        // A statement takes only energy of the signed shape.
                        _ = try TestRecord.observed(energy: energy)
                    }
                }
            }
        }
    }

    @Test func `flat fields are the estimate's figures as numbers`() throws {
        let flat = try model(32.8, grid: "SWE").estimate(TextGeneration(outputTokens: 90, latencySeconds: nil)).flat
        #expect(flat.energyWattHours == 0.010732)
        #expect(flat.carbonGrams == 0.000378)
        #expect(flat.carbonDifferenceGrams == 0.003747)
        #expect(flat.energySource == "SWE grid average, location-based (ecologits-electricity-mixes@0.11.3)")
        let none = EnergyEstimate.none(.noMethod).flat
        #expect(none.energyWattHours == nil && none.carbonGrams == nil)
        #expect(none.carbonDifferenceGrams == nil && none.energySource == nil)
    }

    @Test func `details name what the estimate was made from`() throws {
        let size = try #require(ModelSize(names: ["qwen3-30b-a3b"]))
        let generation = TextGeneration(outputTokens: 90, tokenBasis: .estimated, latencySeconds: 1.25)
        let expected: JSONObject = [
            "active_params_b": "3", "total_params_b": "30", "size_basis": "name", "batch": "64", "pue": "1.20",
            "output_tokens": "90", "token_basis": "estimated", "latency_s": "1.250000",
        ]
        #expect(try model(size: size).inputs(of: generation) == expected)
        let unmeasured = try model(32.8).inputs(of: TextGeneration(outputTokens: 90, latencySeconds: nil))
        #expect(unmeasured["active_params_b"] == "32.8")
        #expect(unmeasured["size_basis"] == "configured")
        #expect(unmeasured["token_basis"] == "provider")
        #expect(unmeasured["latency_s"] == nil)
    }

    private func model(_ billions: Double, grid: String = "WORLD", baseline: String = "USA") throws -> EnergyModel {
        let size = try #require(ModelSize(configuredTotal: billions, names: []))
        return try model(size: size, grid: grid, baseline: baseline)
    }

    private func model(size: ModelSize, grid: String = "WORLD", baseline: String = "USA") throws -> EnergyModel {
        EnergyModel(
            size: size, grid: try #require(GridFactor(zone: grid)), baseline: try #require(GridFactor(zone: baseline)))
    }

    private func figures(
        _ model: EnergyModel, outputTokens: Int, inputTokens: Int = 0, latencySeconds: Double? = nil
    ) throws -> EnergyEstimate.Figures {
        try figures(
            model.estimate(
                TextGeneration(outputTokens: outputTokens, inputTokens: inputTokens, latencySeconds: latencySeconds)))
    }

    private func figures(_ energy: EnergyEstimate) throws -> EnergyEstimate.Figures {
        guard case .figures(let figures) = energy else { throw NoFigures() }
        return figures
    }

    private struct NoFigures: Error {}
}
