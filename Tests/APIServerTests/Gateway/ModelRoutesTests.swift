import Foundation
import HTTPTypes
import Inference
import Testing

@testable import APIServer

struct ModelRoutesTests {
    private let router = Router(now: { 0 })
    private let routes: ModelRoutes

    init() {
        var pricing = Pricing()
        pricing.standardInput = Price(decimalText: "0.02")
        pricing.cachedInput = Price(decimalText: "0.000000000001")
        let route = Route(id: "r", targets: [Route.Target(provider: "echo")])
        let catalogue = Catalogue(
            models: [
                Model(
                    id: "qwen/Qwen 3", ownedBy: "qwen", contextLength: 131_072, license: "apache-2.0",
                    capabilities: ["tools"], pricing: pricing, created: 17, route: route),
                Model(id: "plain", kind: .embedding, ownedBy: "unknown", status: .onDemand, created: 18, route: route),
            ], providers: [Provider(id: "echo", kind: .echo)])
        routes = ModelRoutes(
            gateway: InferenceGateway(
                catalogue: catalogue, router: router, upstreams: Upstreams(catalogue, now: { 0 }), answerBytesMax: 1,
                now: { 0 }, naming: { _ in (500, "internal") }))
    }

    private func get(_ template: String, _ parameters: [String: String] = [:]) async throws -> String {
        let endpoint = try #require(routes.endpoints.first { $0.path == template })
        let stub = APIRequest.stub(.get, template)
        let request = APIRequest(
            request: stub.request, parameters: parameters, requestID: "req", trace: stub.trace, principal: nil,
            channel: stub.channel)
        return try await endpoint.prepare(request)().text()
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func `the list has every model with all that a client may ask of it`() async throws {
        let text = try await get("/v1/models")
        #expect(
            text == #"""
                {"object":"list","data":[\#
                {"id":"qwen/Qwen 3","object":"model","created":17,"owned_by":"qwen","status":"always_on","kind":"chat",\#
                "context_length":131072,"license":"apache-2.0","capabilities":["tools"],\#
                "pricing":{"unit":"usd_per_1m_tokens","std_input":0.02,"std_output":0,"cached_input":0.000000000001}},\#
                {"id":"plain","object":"model","created":18,"owned_by":"unknown","status":"on_demand",\#
                "kind":"embedding","context_length":null,"license":null,"capabilities":[],\#
                "pricing":{"unit":"usd_per_1m_tokens","std_input":0,"std_output":0}}]}
                """#)
    }

    @Test func `a model is found by its id, with its slash as it is or encoded`() async throws {
        let paths = [
            ("/v1/models/{id}", ["id": "plain"], "plain"),
            ("/v1/models/{id}", ["id": "qwen%2FQwen%203"], "qwen/Qwen 3"),
            ("/v1/models/{owner}/{id}", ["owner": "qwen", "id": "Qwen%203"], "qwen/Qwen 3"),
        ]
        for (template, parameters, id) in paths {
            #expect(try object(await get(template, parameters))["id"] as? String == id)
        }
        let error = await #expect(throws: (any Error).self) { try await get("/v1/models/{id}", ["id": "none"]) }
        #expect(error.map(APIError.init)?.code == .modelNotFound)
    }

    @Test func `a model's status follows the health of its providers`() async throws {
        let model = try routes.gateway.catalogue.model("plain")
        for _ in 0..<5 {
            let attempt = try #require(router.next(for: model, after: AttemptHistory()))
            router.report(.failed(), of: attempt)
        }
        #expect(try object(await get("/v1/models/{id}", ["id": "plain"]))["status"] as? String == "offline")
    }
}
