/// The models that can be called, and the providers behind them.
package struct Catalogue: Sendable {
    /// In the order in which they are listed.
    package let models: [Model]
    /// By id; every target of every model has its provider here.
    package let providers: [String: Provider]
    private let positions: [String: Int]

    /// A catalogue of these models. If there are none it holds the built-in echo models instead, so that a fresh
    /// installation answers; they are no part of any other catalogue.
    ///
    /// - Precondition: Ids are unique, and every target names one of the providers.
    package init(models: [Model], providers: [Provider]) {
        guard !models.isEmpty else {
            self.init(checked: Self.echoModels, providers: [Self.echoProvider])
            return
        }
        self.init(checked: models, providers: providers)
    }

    private init(checked models: [Model], providers: [Provider]) {
        self.models = models
        self.providers = Dictionary(uniqueKeysWithValues: providers.map { ($0.id, $0) })
        positions = Dictionary(uniqueKeysWithValues: models.enumerated().map { ($1.id, $0) })
        for target in models.flatMap(\.route.targets) {
            precondition(self.providers[target.provider] != nil, "a target names a provider that does not exist")
        }
    }

    /// - Throws: `modelNotFound` if there is no such model.
    package func model(_ id: String) throws(InferenceError) -> Model {
        guard let position = positions[id] else {
            throw InferenceError(.modelNotFound, "there is no model \(id.prefix(100))", parameter: "model")
        }
        return models[position]
    }
}
