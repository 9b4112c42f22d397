import Testing

@testable import APIServer

/// Providers, models, routes and chains, and what they say of each other.
struct ConfigurationCatalogueTests {
    /// A catalogue without a mistake, with places to put one.
    private func catalogue(
        provider: String = "", model: String = "", route: String = "", target: String = "provider: p", more: String = ""
    ) -> String {
        """
        providers: [{ id: p, base_url: "http://h/v1" \(provider) }]
        models: [{ id: m, route: r \(model) }]
        routes: [{ id: r, targets: [{ \(target) }] \(route) }]
        \(more)
        """
    }

    @Test func `a catalogue of the required keys alone is right`() throws {
        let configuration = try Configuration(yaml: catalogue())
        #expect(configuration.models.first?.kind == .chat)
        #expect(configuration.models.first?.status == .alwaysOn)
        #expect(configuration.models.first?.pricing == Configuration.Pricing())
        #expect(configuration.providers.first?.timeoutSeconds == 120)
        #expect(configuration.routes.first?.retries == 2)
    }

    @Test(arguments: [
        (", api_key_env: sk-1", "api_key_env: must be the name of an environment variable, not its value"),
        (", connect_timeout_s: 0", "connect_timeout_s: must be greater than 0, found 0"),
        (", timeout_s: 31536001", "timeout_s: must be at most 31536000, found 31536001"),
        (", headers: [a]", "headers: expected a mapping, found a list"),
        (", headers: { \"a b\": c }", "headers: \"a b\" is not a valid header name"),
        (", headers: { a: b, A: b }", "headers.a: is given twice, in different case"),
        (", headers: { a: \"\" }", "headers.a: must be visible ASCII characters, since it travels in a header"),
    ])
    func `a provider's settings have rules`(provider: String, mistake: String) {
        #expect(
            Configuration.mistakes(catalogue(provider: provider)) == ["providers[0].\(mistake) (test.yaml, line 1)"])
    }

    @Test(arguments: [
        (", kind: chatty", "kind: expected one of chat, embedding, speech, image, video, found text \"chatty\""),
        (", status: up", "status: expected one of always_on, on_demand, degraded, offline, found text \"up\""),
        (", context_length: 0", "context_length: must be greater than 0, found 0"),
        (", license: 2.0", "license: expected text, found a number \"2.0\""),
        (", owned_by: \"\"", "owned_by: must not be empty"),
        (", pricing: { std_input: -0.01 }", "pricing.std_input: must not be negative, found -0.01"),
        (", pricing: { per_image: -1 }", "pricing.per_image: must not be negative, found -1"),
        (", pricing: { std_output: .nan }", "pricing.std_output: expected a decimal number, found a number \".nan\""),
        (", pricing: { std_output: 1e3 }", "pricing.std_output: expected a decimal number, found a number \"1e3\""),
        (", pricing: { std_output: \"0.1\" }", "pricing.std_output: expected a decimal number, found text \"0.1\""),
        (", pricing: { unit: usd }", "pricing.unit: expected usd_per_1m_tokens, found text \"usd\""),
        (", pricing: { input: 1 }", "pricing.input: unknown key"),
    ])
    func `a model's settings have rules`(model: String, mistake: String) {
        #expect(Configuration.mistakes(catalogue(model: model)) == ["models[0].\(mistake) (test.yaml, line 2)"])
    }

    @Test(arguments: [
        ("provider: q", "targets[0].provider: there is no provider q"),
        ("model: x", "targets[0].provider: is required"),
        ("provider: p, model: \"\"", "targets[0].model: must not be empty"),
        ("provider: p, weight: -1", "targets[0].weight: must not be negative, found -1"),
        ("provider: p, weight: 0", "targets: must have one target with a weight above 0"),
    ])
    func `a route's targets have rules`(target: String, mistake: String) {
        #expect(Configuration.mistakes(catalogue(target: target)) == ["routes[0].\(mistake) (test.yaml, line 3)"])
    }

    @Test func `a route's retries are bounded`() {
        #expect(
            Configuration.mistakes(catalogue(route: ", retries: -1")) == [
                "routes[0].retries: must not be negative, found -1 (test.yaml, line 3)"
            ])
        #expect(Configuration.mistakes(catalogue(route: ", retries: 101")).count == 1)
    }

    @Test func `a route needs a target`() {
        #expect(
            Configuration.mistakes("routes: [{ id: r }]") == [
                "routes[0].targets: must name at least one provider (test.yaml, line 1)"
            ])
    }

    @Test func `ids are unique in their list`() {
        let yaml = """
            providers: [{ id: x, base_url: "http://h" }, { id: x, base_url: "http://h" }]
            models: [{ id: x, route: x }, { id: y, route: x }, { id: x, route: x }]
            routes:
              - { id: x, targets: [{ provider: x }] }
              - { id: x, targets: [{ provider: x }] }
            usdc:
              chains:
                - { chain: c, deposit_address: a, required_confirmations: 1 }
                - { chain: c, deposit_address: b, required_confirmations: 1 }
            """
        #expect(
            Configuration.mistakes(yaml) == [
                "providers[1].id: x is already used by providers[0] (test.yaml, line 1)",
                "models[2].id: x is already used by models[0] (test.yaml, line 2)",
                "routes[1].id: x is already used by routes[0] (test.yaml, line 5)",
                "usdc.chains[1].chain: c is already used by usdc.chains[0] (test.yaml, line 9)",
            ])
    }

    @Test func `a model must name a route that exists`() {
        #expect(
            Configuration.mistakes("models: [{ id: m, route: nowhere }]") == [
                "models[0].route: there is no route nowhere (test.yaml, line 1)"
            ])
        #expect(
            Configuration.mistakes("models: [{ id: m }]") == ["models[0].route: is required (test.yaml, line 1)"])
    }

    @Test func `an id that is missing is one mistake, not also an unknown name elsewhere`() {
        let yaml = """
            providers: [{ base_url: "http://h" }]
            routes: [{ targets: [{ provider: p }] }]
            models: [{ id: m, route: r }]
            """
        #expect(
            Configuration.mistakes(yaml) == [
                "providers[0].id: is required (test.yaml, line 1)",
                "routes[0].id: is required (test.yaml, line 2)",
            ])
    }

    @Test func `a chain needs all of its keys`() {
        #expect(
            Configuration.mistakes("usdc: { chains: [{ required_confirmations: 0 }] }") == [
                "usdc.chains[0].chain: is required (test.yaml, line 1)",
                "usdc.chains[0].deposit_address: is required (test.yaml, line 1)",
                "usdc.chains[0].required_confirmations: must be greater than 0, found 0 (test.yaml, line 1)",
            ])
    }
}
