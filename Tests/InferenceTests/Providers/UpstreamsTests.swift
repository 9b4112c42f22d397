import Testing

@testable import Inference

@Suite(.timeLimit(.minutes(1)))
struct UpstreamsTests {
    @Test func `an attempt goes to the provider of its target`() async throws {
        try await ScriptedUpstream.run([[.send(HTTPText.json("one"))]]) { one in
            try await ScriptedUpstream.run([[.send(HTTPText.json("two"))]]) { two in
                let catalogue = Catalogue(
                    models: ["one", "two"].map { name in
                        let route = Route(id: name, targets: [Route.Target(provider: name)])
                        return Model(id: name, ownedBy: "us", created: 0, route: route)
                    },
                    providers: [
                        Provider(id: "one", kind: .openAICompatible(Provider.Endpoint(baseURL: one.baseURL))),
                        Provider(id: "two", kind: .openAICompatible(Provider.Endpoint(baseURL: two.baseURL))),
                    ])
                let upstreams = Upstreams(catalogue, now: { 0 })
                let router = Router(now: { 0 })
                for model in catalogue.models {
                    let attempt = try #require(router.next(for: model, after: AttemptHistory()))
                    let response = try await upstreams.upstream(of: attempt).send(.stub())
                    #expect(try await response.body.text() == model.id)
                }
                await upstreams.shutDown()
            }
        }
    }

    @Test func `a fresh installation answers`() async throws {
        let catalogue = Catalogue(models: [], providers: [])
        let upstreams = Upstreams(catalogue, now: { 0 })
        let router = Router(now: { 0 })
        let attempt = try #require(router.next(for: catalogue.model("echo"), after: AttemptHistory()))
        #expect(attempt.target.provider == "echo")
        #expect(attempt.upstreamModel == "echo")
        let response = try await upstreams.upstream(of: attempt)
            .send(.stub(body: #"{"messages":[{"role":"user","content":"hi"}]}"#))
        #expect(AttemptOutcome(response) == .answered)
        #expect(try await response.body.text().contains(#""content":"hi""#))
        await upstreams.shutDown()
    }
}
