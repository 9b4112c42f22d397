import Testing

@testable import APIServer

/// Mistakes in the form of a configuration: keys, types and YAML.
struct ConfigurationMistakesTests {
    @Test func `all mistakes are reported together, one a line, with where they came from`() {
        let yaml = """
            listen: 8080
            limits:
              body_bytes: -1
            colour: blue
            models:
              - id: m
                rout: r
            """
        let environment = ["BATCHIN_CAPTURE": "some"]
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration(
                yaml: yaml, file: "test.yaml", environment: environment, flags: ConfigurationFlags(data: ""))
        }
        #expect(
            error?.description == """
                listen: expected HOST:PORT, found a number "8080" (test.yaml, line 1)
                data: must not be empty (flag --data)
                limits.body_bytes: must be greater than 0, found -1 (test.yaml, line 3)
                capture: expected one of none, hash, full, found text "some" (environment variable BATCHIN_CAPTURE)
                models[0].route: is required (test.yaml, line 6)
                models[0].rout: unknown key (test.yaml, line 7)
                colour: unknown key (test.yaml, line 4)
                """)
    }

    @Test(arguments: [
        ("colour: blue", "colour: unknown key (test.yaml, line 1)"),
        ("limits:\n  body: 1", "limits.body: unknown key (test.yaml, line 2)"),
        (
            "usdc:\n  chains:\n    - chain: a\n      deposit_address: b\n      required_confirmations: 1\n      x: 1",
            "usdc.chains[0].x: unknown key (test.yaml, line 6)"
        ),
        ("\"two words\": 1", "\"two words\": unknown key (test.yaml, line 1)"),
        ("<<: { data: x }", "\"<<\": unknown key (test.yaml, line 1)"),
        ("log_format: json", "log_format: unknown key (test.yaml, line 1)"),
    ])
    func `an unknown key is named by its full path`(yaml: String, mistake: String) {
        #expect(Configuration.mistakes(yaml) == [mistake])
    }

    @Test func `models of a route that is named wrongly have an unknown key and a missing one`() {
        let yaml = "routes: [{ id: r, targets: [{ provder: p }] }]"
        #expect(
            Configuration.mistakes(yaml) == [
                "routes[0].targets[0].provider: is required (test.yaml, line 1)",
                "routes[0].targets[0].provder: unknown key (test.yaml, line 1)",
            ])
    }

    @Test(arguments: [
        ("limits: { body_bytes: lots }", "limits.body_bytes: expected a whole number, found text \"lots\""),
        ("limits: { body_bytes: \"5\" }", "limits.body_bytes: expected a whole number, found text \"5\""),
        ("limits: { body_bytes: 1.5 }", "limits.body_bytes: expected a whole number, found a number \"1.5\""),
        ("limits: { body_bytes: 010 }", "limits.body_bytes: expected a whole number, found a number \"010\""),
        ("limits: { body_bytes: 1_000 }", "limits.body_bytes: expected a whole number, found a number \"1_000\""),
        ("limits: { body_bytes: [1] }", "limits.body_bytes: expected a whole number, found a list"),
        (
            "limits: { body_bytes: 99999999999999999999 }",
            "limits.body_bytes: expected a whole number, found a number \"99999999999999999999\""
        ),
        ("webhooks: { allow_private: 1 }", "webhooks.allow_private: expected true or false, found a number \"1\""),
        (
            "webhooks: { allow_private: yes }",
            "webhooks.allow_private: expected true or false, found a truth value \"yes\""
        ),
        (
            "webhooks: { allow_private: \"true\" }",
            "webhooks.allow_private: expected true or false, found text \"true\""
        ),
        ("environment: 5", "environment: expected text, found a number \"5\""),
        ("data: true", "data: expected text, found a truth value \"true\""),
        ("data: { x: 1 }", "data: expected text, found a mapping"),
        ("limits: 5", "limits: expected a mapping, found a number"),
        ("limits: [a]", "limits: expected a mapping, found a list"),
        ("providers: local", "providers: expected a list, found text"),
        ("providers: { id: x }", "providers: expected a list, found a mapping"),
        ("providers: [local]", "providers[0]: expected a mapping, found text"),
        ("trusted_proxies: 10.0.0.1", "trusted_proxies: expected a list, found text"),
        (
            "trusted_proxies: [10.0.0.1, 5]",
            "trusted_proxies[1]: expected an IP address or a CIDR block, found a number \"5\""
        ),
        ("[1, 2]: 3", "a key must be text"),
    ])
    func `a wrong type says what was expected and found`(yaml: String, mistake: String) {
        let mistakes = Configuration.mistakes(yaml)
        #expect(mistakes.contains("\(mistake) (test.yaml, line 1)"), "\(mistakes)")
    }

    @Test(arguments: ["- a\n- b", "just text", "5"])
    func `a file that is no mapping is a mistake`(yaml: String) {
        let mistakes = Configuration.mistakes(yaml)
        #expect(mistakes.count == 1)
        #expect(mistakes[0].hasPrefix("expected a mapping of settings at the top level, found "))
        #expect(mistakes[0].hasSuffix(" (test.yaml, line 1)"))
    }

    @Test func `a duplicate key is a mistake`() {
        #expect(
            Configuration.mistakes("data: a\nlimits:\n  body_bytes: 1\n  body_bytes: 2\n") == [
                "duplicate key body_bytes in the mapping that begins here (test.yaml, line 3)"
            ])
    }

    @Test(arguments: ["data: 'canary", "internal_token: canary\n\tx: y", "a: *canary", "a: 1\n---\ncanary: 2"])
    func `broken YAML is a mistake that quotes nothing of the file`(yaml: String) {
        let mistakes = Configuration.mistakes(yaml)
        #expect(mistakes.count == 1)
        #expect(mistakes[0].hasPrefix("not valid YAML: "))
        #expect(!mistakes[0].contains("canary"))
        #expect(mistakes[0].contains("(test.yaml, line "))
    }

    @Test func `beside broken YAML the mistakes of the environment are reported, but no consequences`() {
        let environment = ["BATCHIN_ENVIRONMENT": "production", "BATCHIN_LIMITS_BODY_BYTES": "x"]
        let mistakes = Configuration.mistakes("a: 'x", environment: environment)
        #expect(mistakes.count == 2)
        #expect(
            mistakes[1] == "limits.body_bytes: expected a whole number, found text \"x\""
                + " (environment variable BATCHIN_LIMITS_BODY_BYTES)")
    }

    @Test(arguments: [
        "internal_token: 1234567", "internal_token: \"canary ü\"", "internal_token: [canary]",
        "database: postgres://u:canary@h", "database: { url: \"mysql://u:canary@h/d\" }", "database: { url: 1234567 }",
        "spans: { url: \"u:canary@h\" }", "public_url: https://u:canary@h",
        "providers: [{ id: a, base_url: \"http://u:canary@h\" }]",
        "providers: [{ id: a, base_url: \"http://h\", api_key_env: sk-canary }]",
        "providers: [{ id: a, base_url: \"http://h\", headers: { A: 1234567 } }]",
        "providers: [{ id: a, base_url: \"http://h\", headers: { A: \"canary\\n\" } }]",
        "providers: [{ id: a, base_url: \"http://h\", headers: canary }]",
        "stripe: { secret_key_env: sk-live-canary }",
    ])
    func `a mistake never shows a secret`(yaml: String) {
        let mistakes = Configuration.mistakes(yaml)
        #expect(!mistakes.isEmpty)
        #expect(!mistakes.joined().contains("canary"))
        #expect(!mistakes.joined().contains("1234567"))
    }
}
