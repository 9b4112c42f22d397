import Inference
import Testing

struct CatalogueTests {
    private static let provider = Provider(
        id: "local", kind: .openAICompatible(Provider.Endpoint(baseURL: "http://127.0.0.1:1/v1")))

    private static func model(_ id: String) -> Model {
        Model(id: id, ownedBy: "us", created: 0, route: Route(id: "r", targets: [Route.Target(provider: "local")]))
    }

    @Test func `models are found by their ids and listed in their order`() throws {
        let catalogue = Catalogue(models: [Self.model("b"), Self.model("a")], providers: [Self.provider])
        #expect(try catalogue.model("a").id == "a")
        #expect(catalogue.models.map(\.id) == ["b", "a"])
    }

    @Test func `an unknown model is an error that names it`() {
        let catalogue = Catalogue(models: [Self.model("a")], providers: [Self.provider])
        let error = #expect(throws: InferenceError(.modelNotFound, "", parameter: "model")) {
            try catalogue.model("A")
        }
        #expect(error?.message.contains("A") == true)
    }

    @Test func `without models of its own a catalogue has the free echo models`() throws {
        let catalogue = Catalogue(models: [], providers: [Self.provider])
        #expect(catalogue.models.map(\.id) == ["echo", "echo-embed"])
        #expect(try catalogue.model("echo").kind == .chat)
        #expect(try catalogue.model("echo-embed").kind == .embedding)
        for model in catalogue.models {
            #expect(model.pricing.isFree)
            #expect(model.route.targets.allSatisfy { catalogue.providers[$0.provider]?.kind == .echo })
        }
    }

    @Test func `with models of its own a catalogue has no others`() {
        let catalogue = Catalogue(models: [Self.model("a")], providers: [Self.provider])
        #expect(throws: InferenceError(.modelNotFound, "", parameter: "model")) { try catalogue.model("echo") }
        #expect(catalogue.providers["echo"] == nil)
    }

    @Test func `printing a provider shows no secret`() {
        let provider = Provider(
            id: "local",
            kind: .openAICompatible(
                Provider.Endpoint(
                    baseURL: "http://127.0.0.1:1/v1", apiKey: ProviderSecret("sk-hidden"),
                    headers: ["x-team": ProviderSecret("team-hidden")])))
        var dumped = ""
        dump(provider, to: &dumped)
        for text in ["\(provider)", String(reflecting: provider), dumped] {
            #expect(!text.contains("hidden"))
            #expect(text.contains("local"))
        }
    }
}
