import Testing

@testable import APIServer

/// One case for each rule, with the whole message.
struct ConfigurationValidationTests {
    @Test(arguments: [
        ("environment: \"\"", "environment: must be 1 to 128 visible ASCII characters without spaces"),
        ("environment: a b", "environment: must be 1 to 128 visible ASCII characters without spaces"),
        ("environment: production", "internal_token: is required when environment is not development"),
        ("internal_token: \"a\\tü\"", "internal_token: must be visible ASCII characters, since it travels in a header"),
        ("listen: \":8080\"", "listen: expected HOST:PORT, found text \":8080\""),
        ("listen: \"::1:8080\"", "listen: expected HOST:PORT, found text \"::1:8080\""),
        ("listen: localhost:65536", "listen: expected HOST:PORT, found text \"localhost:65536\""),
        (
            "listen: 0.0.0.0:80",
            "listen: must be a loopback address in development, unless allow_open_development is true"
        ),
        (
            "metrics_listen: example.com:80",
            "metrics_listen: must be a loopback address in development, unless allow_open_development is true"
        ),
        (
            "metrics_listen: 127.0.0.1:8080",
            "metrics_listen: must differ from listen; leave it empty to serve both there"
        ),
        (
            "trusted_proxies: [proxy.example]",
            "trusted_proxies[0]: expected an IP address or a CIDR block, found text \"proxy.example\""
        ),
        ("data: \"\"", "data: must not be empty"),
        ("data: \"a\\0b\"", "data: must not contain a NUL"),
        (
            "database: { url: \"mysql://h/d\" }",
            "database.url: expected a URL that begins with postgres:// or postgresql://, found text"
        ),
        ("database: { url: \"postgres://h/d\" }", "master_key_file: is required with database.url"),
        (
            "spans: { url: \"http://h\" }",
            "spans.url: expected a URL that begins with postgres:// or postgresql://, found text"
        ),
        ("spans: { store: memory }", "spans.store: expected one of embedded, database, found text \"memory\""),
        ("spans: { store: database }", "spans.store: database needs spans.url or database.url"),
        ("spans: { retention_days: -1 }", "spans.retention_days: must not be negative, found -1"),
        ("spans: { retention_days: 36501 }", "spans.retention_days: must be at most 36500, found 36501"),
        ("spans: { retention_bytes: -1 }", "spans.retention_bytes: must not be negative, found -1"),
        ("spans: { head_bytes: 0 }", "spans.head_bytes: must be greater than 0, found 0"),
        ("capture: partial", "capture: expected one of none, hash, full, found text \"partial\""),
        ("audit: { origin: a b }", "audit.origin: must be visible ASCII characters without spaces and plus signs"),
        ("audit: { origin: a+b }", "audit.origin: must be visible ASCII characters without spaces and plus signs"),
        (
            "audit: { checkpoint_file: data/log/checkpoint }",
            "audit.checkpoint_file: must be outside of the data folder"
        ),
        ("stripe: { api_base: \"\" }", "stripe.api_base: must be an absolute http or https URL"),
        (
            "stripe: { secret_key_env: \"A B\" }",
            "stripe.secret_key_env: must be the name of an environment variable, not its value"
        ),
        (
            "energy: { grid_zone: \"\" }",
            "energy.grid_zone: must be 1 to 128 visible ASCII characters without spaces"
        ),
    ])
    func `a setting outside of its rule is a mistake`(yaml: String, mistake: String) throws {
        let mistakes = Configuration.mistakes(yaml).map { $0.replacing(" (test.yaml, line 1)", with: "") }
        #expect(mistakes == [mistake])
    }

    @Test(arguments: [
        "body_bytes", "control_body_bytes", "ingest_queue_bytes", "head_timeout_s", "body_idle_timeout_s",
        "keepalive_s", "stream_write_stall_s",
    ])
    func `a limit must be above zero and within reason`(key: String) {
        for (value, objection) in [
            ("0", "must be greater than 0"), ("-5", "must be greater than 0"),
            ("9223372036854775807", "must be at most "),
        ] {
            let mistakes = Configuration.mistakes("limits: { \(key): \(value) }")
            #expect(mistakes.count == 1)
            #expect(mistakes.first?.hasPrefix("limits.\(key): \(objection)") == true)
            #expect(mistakes.first?.contains("found \(value) ") == true)
        }
    }

    @Test(arguments: [
        ("batchin.example", "must be an absolute http or https URL"),
        ("ftp://batchin.example", "must be an absolute http or https URL"),
        ("//batchin.example", "must be an absolute http or https URL"),
        ("https://", "must be an absolute http or https URL"),
        ("http://a b/", "must be an absolute http or https URL"),
        ("https://user@batchin.example", "must not carry a user name or password"),
        ("https://batchin.example?x=1", "must not have a query or a fragment"),
        ("https://batchin.example#x", "must not have a query or a fragment"),
        ("https://batchin.example:0", "must have a port between 1 and 65535"),
        ("https://batchin.example:65536", "must have a port between 1 and 65535"),
    ])
    func `a URL must be absolute, http or https, and bare`(url: String, objection: String) {
        #expect(
            Configuration.mistakes("", environment: ["BATCHIN_PUBLIC_URL": url])
                == ["public_url: \(objection) (environment variable BATCHIN_PUBLIC_URL)"])
        let provider = "providers: [{ id: p, base_url: \"\(url)\" }]"
        #expect(Configuration.mistakes(provider) == ["providers[0].base_url: \(objection) (test.yaml, line 1)"])
    }

    @Test(arguments: ["http://127.0.0.1:8081/v1", "https://[::1]:8081", "https://batchin.example/a/"])
    func `an http or https URL is taken`(url: String) {
        #expect(Configuration.mistakes("", environment: ["BATCHIN_PUBLIC_URL": url]) == [])
    }

    @Test func `development listens beyond loopback when it is told to`() {
        #expect(Configuration.mistakes("listen: 0.0.0.0:80\nallow_open_development: true") == [])
        #expect(Configuration.mistakes("listen: 0.0.0.0:80\nenvironment: production\ninternal_token: x") == [])
        #expect(Configuration.mistakes("listen: 0.0.0.0:80\nenvironment: 5").count == 1)
        #expect(Configuration.mistakes("listen: 0.0.0.0:80\nallow_open_development: x").count == 1)
    }

    @Test func `a refused token is not reported as missing too`() {
        #expect(Configuration.mistakes("environment: production\ninternal_token: 5").count == 1)
        #expect(
            Configuration.mistakes("environment: production", environment: ["BATCHIN_INTERNAL_TOKEN": ""])
                == [
                    "internal_token: is required when environment is not development"
                        + " (environment variable BATCHIN_INTERNAL_TOKEN)"
                ])
    }

    @Test func `the metrics listener may share port zero with the main one`() {
        #expect(Configuration.mistakes("listen: 127.0.0.1:0\nmetrics_listen: 127.0.0.1:0") == [])
    }

    @Test func `a store of spans in a database takes either URL`() {
        #expect(Configuration.mistakes("spans: { store: database, url: \"postgres://h/d\" }") == [])
        let yaml = "spans: { store: database }\ndatabase: { url: \"postgres://h/d\" }\nmaster_key_file: k"
        #expect(Configuration.mistakes(yaml) == [])
    }

    @Test(arguments: [("/data/x", true), ("/data/../x", false), ("/database/x", false), ("/data/a/../b", true)])
    func `a checkpoint file is compared with the data folder by whole names`(file: String, isInside: Bool) {
        let yaml = "data: /data/\naudit: { checkpoint_file: \(file) }"
        #expect(Configuration.mistakes(yaml).isEmpty == !isInside)
    }
}
