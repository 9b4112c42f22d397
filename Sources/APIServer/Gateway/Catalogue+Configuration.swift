import Foundation
import Inference

extension Catalogue {
    /// The models that are configured, and who serves them.
    ///
    /// - Parameters:
    ///   - environment: Where providers' keys are looked up.
    ///   - created: When the models came into the catalogue, in seconds since 1970.
    init(_ configuration: Configuration, environment: [String: String], created: Int64) {
        let routes = Dictionary(
            configuration.routes.map { ($0.id, Route($0)) }, uniquingKeysWith: { first, _ in first })
        self.init(
            models: configuration.models.compactMap { model in
                // That every model has its route was checked when the configuration was loaded.
                routes[model.route].map { Model(model, route: $0, created: created) }
            },
            providers: configuration.providers.map { Provider($0, environment: environment) })
    }
}

extension Route {
    fileprivate init(_ route: Configuration.Route) {
        self.init(
            id: route.id,
            targets: route.targets.map { Target(provider: $0.provider, model: $0.model, weight: $0.weight) },
            retries: route.retries)
    }
}

extension Provider {
    fileprivate init(_ provider: Configuration.Provider, environment: [String: String]) {
        let key = provider.apiKeyEnvironmentVariable.flatMap { environment[$0] }.flatMap { $0.isEmpty ? nil : $0 }
        let timeout = Duration.seconds(provider.timeoutSeconds)
        self.init(
            id: provider.id,
            kind: .openAICompatible(
                Endpoint(
                    baseURL: provider.baseURL, apiKey: key.map(ProviderSecret.init),
                    headers: provider.headers.mapValues { ProviderSecret($0.value) },
                    connectTimeout: .seconds(provider.connectTimeoutSeconds), totalTimeout: timeout,
                    idleTimeout: .seconds(provider.idleTimeoutSeconds))))
    }
}

extension Model {
    fileprivate init(_ model: Configuration.Model, route: Route, created: Int64) {
        self.init(
            id: model.id, kind: Kind(model.kind), ownedBy: model.ownedBy ?? "unknown",
            contextLength: model.contextLength, license: model.license, capabilities: model.capabilities,
            status: Status(model.status),
            pricing: Pricing(model.pricing), created: created, route: route)
    }
}

extension Model.Kind {
    fileprivate init(_ kind: Configuration.Model.Kind) {
        switch kind {
        case .chat: self = .chat
        case .embedding: self = .embedding
        case .speech: self = .speech
        case .image: self = .image
        case .video: self = .video
        }
    }
}

extension Model.Status {
    fileprivate init(_ status: Configuration.Model.Status) {
        switch status {
        case .alwaysOn: self = .alwaysOn
        case .onDemand: self = .onDemand
        case .degraded: self = .degraded
        case .offline: self = .offline
        }
    }
}

extension Pricing {
    fileprivate init(_ pricing: Configuration.Pricing) {
        self.init()
        standardInput = pricing.standardInput.flatMap(Price.init)
        standardOutput = pricing.standardOutput.flatMap(Price.init)
        cachedInput = pricing.cachedInput.flatMap(Price.init)
        batchInput = pricing.batchInput.flatMap(Price.init)
        batchOutput = pricing.batchOutput.flatMap(Price.init)
        perImage = pricing.perImage.flatMap(Price.init)
        perSecondOfVideo = pricing.perSecondOfVideo.flatMap(Price.init)
        perMillionCharacters = pricing.perMillionCharacters.flatMap(Price.init)
    }
}

extension Price {
    fileprivate init?(_ price: Decimal) {
        self.init(decimalText: "\(price)")
    }
}
