import Audit
import Inference

/// What runs take in energy, as far as that can be estimated: the models' sizes, and the grids that are configured.
struct EnergyEstimates: Sendable {
    private let grid: GridFactor
    private let baseline: GridFactor
    /// By the catalogue's ids.
    private let models: [String: EnergyModel]

    /// - Throws: `unsupported` if a zone has no figures.
    init(_ configuration: Configuration, _ catalogue: Catalogue) throws(StartError) {
        grid = try Self.factor(configuration.energy.gridZone, "energy.grid_zone")
        baseline = try Self.factor(configuration.energy.baselineZone, "energy.baseline_zone")
        var models: [String: EnergyModel] = [:]
        for model in catalogue.models {
            models[model.id] = Self.model([model.id] + model.route.targets.compactMap(\.model), grid, baseline)
        }
        self.models = models
    }

    /// - Parameter generation: Nil where no method tells what a run takes.
    func estimate(for model: Model, _ generation: TextGeneration?) -> EnergyEstimate {
        self.model(model.id).estimate(generation)
    }

    /// What the estimate was made of.
    func inputs(for model: Model, _ generation: TextGeneration) -> JSONObject? {
        self.model(model.id).inputs(of: generation)
    }

    /// Of a model that may not be in the catalogue.
    func model(_ id: String) -> EnergyModel { models[id] ?? Self.model([id], grid, baseline) }

    private static func model(_ names: [String], _ grid: GridFactor, _ baseline: GridFactor) -> EnergyModel {
        guard let size = ModelSize(names: names) else {
            preconditionFailure("only sizes that are configured can be wrong")
        }
        return EnergyModel(size: size, grid: grid, baseline: baseline)
    }

    private static func factor(_ zone: String, _ setting: String) throws(StartError) -> GridFactor {
        guard let factor = GridFactor(zone: zone) else {
            throw StartError(
                .unsupported,
                "\(setting): there are no figures for the zone \(zone); there are for "
                    + GridFactor.zones.joined(separator: ", "))
        }
        return factor
    }
}
