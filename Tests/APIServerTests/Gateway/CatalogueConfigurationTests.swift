import Foundation
import Testing

@testable import APIServer
@testable import Inference

struct CatalogueConfigurationTests {
    private func catalogue(_ yaml: String, environment: [String: String] = [:]) throws -> Catalogue {
        let configuration = try Configuration(yaml: yaml, environment: environment)
        return Catalogue(configuration, environment: environment, created: 1_700_000_000)
    }

    private static let whole = """
        providers:
          - id: near
            base_url: http://near.test:8081/v1
            api_key_env: NEAR_KEY
            headers: { X-Team: team-secret }
            connect_timeout_s: 6
            timeout_s: 7
            idle_timeout_s: 8
          - { id: far, base_url: "https://far.test/v1", api_key_env: FAR_KEY }
        models:
          - id: b/model
            owned_by: qwen
            kind: embedding
            context_length: 131072
            license: apache-2.0
            capabilities: [tools, vision]
            status: on_demand
            pricing:
              std_input: 0.02
              std_output: 0.000000000001
              cached_input: 1
              batch_input: 12.5
              batch_output: 2
              per_image: 3
              per_second_video: 4
              per_million_characters: 5
            route: main
          - { id: a, route: main }
        routes:
          - id: main
            targets: [{ provider: near, model: up, weight: 3 }, { provider: far, weight: 0 }]
            retries: 5
        """

    @Test func `everything that is configured of a model is in the catalogue`() throws {
        let catalogue = try catalogue(Self.whole)
        #expect(catalogue.models.map(\.id) == ["b/model", "a"])
        let model = try catalogue.model("b/model")
        #expect(model.ownedBy == "qwen" && model.kind == .embedding && model.contextLength == 131_072)
        #expect(model.license == "apache-2.0" && model.capabilities == ["tools", "vision"])
        #expect(model.status == .onDemand && model.created == 1_700_000_000)
        let prices = [
            model.pricing.standardInput, model.pricing.standardOutput, model.pricing.cachedInput,
            model.pricing.batchInput, model.pricing.batchOutput, model.pricing.perImage,
            model.pricing.perSecondOfVideo, model.pricing.perMillionCharacters,
        ]
        #expect(prices.map { $0?.decimalText } == ["0.02", "0.000000000001", "1", "12.5", "2", "3", "4", "5"])
        #expect(model.route.id == "main" && model.route.retries == 5)
        #expect(
            model.route.targets == [
                Route.Target(provider: "near", model: "up", weight: 3), Route.Target(provider: "far", weight: 0),
            ])
    }

    @Test func `what is not configured has its default`() throws {
        let model = try catalogue(Self.whole).model("a")
        #expect(model.ownedBy == "unknown" && model.kind == .chat && model.status == .alwaysOn)
        #expect(model.contextLength == nil && model.license == nil && model.capabilities == [])
        #expect(model.pricing.isFree)
    }

    @Test func `providers have their keys from the environment, and their headers and times from the file`() throws {
        let catalogue = try catalogue(Self.whole, environment: ["NEAR_KEY": "sk-near", "FAR_KEY": ""])
        guard case .openAICompatible(let near) = catalogue.providers["near"]?.kind,
            case .openAICompatible(let far) = catalogue.providers["far"]?.kind
        else {
            Issue.record("a provider is missing")
            return
        }
        #expect(near.baseURL == "http://near.test:8081/v1" && near.apiKey?.value == "sk-near")
        #expect(near.headers.mapValues(\.value) == ["X-Team": "team-secret"])
        #expect(near.connectTimeout == .seconds(6) && near.totalTimeout == .seconds(7))
        #expect(near.idleTimeout == .seconds(8))
        // An empty key is none.
        #expect(far.apiKey == nil && far.headers.isEmpty)
        #expect(!"\(catalogue)".contains("sk-near") && !"\(catalogue)".contains("team-secret"))
    }

    @Test func `every kind and every status has its counterpart`() throws {
        for kind in Configuration.Model.Kind.allCases {
            let yaml = Self.whole.replacing("kind: embedding", with: "kind: \(kind.rawValue)")
            #expect(try catalogue(yaml).models.first?.kind.rawValue == kind.rawValue)
        }
        for status in Configuration.Model.Status.allCases {
            let yaml = Self.whole.replacing("status: on_demand", with: "status: \(status.rawValue)")
            #expect(try catalogue(yaml).models.first?.status.rawValue == status.rawValue)
        }
    }

    @Test func `without models the catalogue holds those that need no provider`() throws {
        #expect(try catalogue("environment: development").models.map(\.id) == ["echo", "echo-embed"])
    }
}
