import Foundation
import Testing

@testable import APIServer

struct ConfigurationLoadingTests {
    @Test(arguments: ["", "# nothing but a comment\n", "---\n", "~", "{}"])
    func `an empty file is all defaults`(yaml: String) throws {
        #expect(try Configuration(yaml: yaml) == Configuration())
    }

    @Test func `a setting or section without a value is left at its default`() throws {
        let yaml = "providers:\nlimits:\n  body_bytes:\n  # control_body_bytes: 5\nusdc: { chains: }\n"
        #expect(try Configuration(yaml: yaml) == Configuration())
    }

    @Test func `the documented defaults hold`() throws {
        let configuration = Configuration()
        #expect(configuration.environment == "development")
        #expect(configuration.listen == ListenAddress(host: "127.0.0.1", port: 8080))
        #expect(configuration.data == "./data")
        #expect(configuration.limits.bodyBytes == 67_108_864)
        #expect(configuration.limits.controlBodyBytes == 1_048_576)
        #expect(configuration.limits.ingestQueueBytes == 268_435_456)
        #expect(configuration.spans.retentionDays == 30)
        #expect(configuration.capture == .full)
        #expect(configuration.stripe.apiBase == "https://api.stripe.com")
    }

    @Test func `every key of the file reaches its property`() throws {
        let configuration = try Configuration(yaml: Configuration.everything)
        #expect(configuration.environment == "production")
        #expect(configuration.internalToken == Secret("canary-token"))
        #expect(configuration.listen == ListenAddress(host: "::", port: 9000))
        #expect(configuration.metricsListen == ListenAddress(host: "127.0.0.1", port: 9001))
        #expect(configuration.trustedProxies.map(\.description) == ["10.0.0.0/8", "fd00::1"])
        #expect(configuration.database.url?.value.contains("canary-database") == true)
        #expect(configuration.spans.store == .database)
        #expect(configuration.limits.streamWriteStallSeconds == 7)
        #expect(configuration.capture == .hash)
        #expect(configuration.providers.first?.headers["Authorization"] == Secret("Bearer canary-header"))
        #expect(configuration.models.first?.kind == .embedding)
        #expect(configuration.models.first?.pricing.standardInput == Decimal(string: "0.02"))
        #expect(configuration.models.first?.pricing.batchOutput == Decimal(string: "1234567.123456789012"))
        #expect(configuration.routes.first?.targets.map(\.model) == ["true", nil])
        #expect(configuration.routes.first?.targets.map(\.weight) == [3, 1])
        #expect(configuration.usdc.chains.first?.requiredConfirmations == 12)
        #expect(configuration.energy.baselineZone == "FR")
    }

    @Test func `a flag wins over the environment, the environment over the file, the file over the default`() throws {
        let yaml = "listen: 127.0.0.1:1\ndata: from-file\nenvironment: development\n"
        let environment = ["BATCHIN_LISTEN": "127.0.0.1:2", "BATCHIN_DATA": "from-environment"]
        let flags = ConfigurationFlags(listen: "127.0.0.1:3")
        #expect(try Configuration(yaml: yaml).listen.port == 1)
        #expect(try Configuration(yaml: yaml, environment: environment).listen.port == 2)
        let configuration = try Configuration(yaml: yaml, environment: environment, flags: flags)
        #expect(configuration.listen.port == 3)
        #expect(configuration.data == "from-environment")
        #expect(try Configuration(yaml: yaml, flags: ConfigurationFlags(data: "from-flag")).data == "from-flag")
    }

    @Test func `a value that is overridden need not be right`() throws {
        let configuration = try Configuration(yaml: "listen: 8080", environment: ["BATCHIN_LISTEN": "127.0.0.1:0"])
        #expect(configuration.listen.port == 0)
    }

    @Test func `an empty variable empties a setting of the file`() throws {
        let yaml = "internal_token: x\ntrusted_proxies: [10.0.0.1]"
        let environment = ["BATCHIN_INTERNAL_TOKEN": "", "BATCHIN_TRUSTED_PROXIES": ""]
        let configuration = try Configuration(yaml: yaml, environment: environment)
        #expect(configuration.internalToken == nil)
        #expect(configuration.trustedProxies.isEmpty)
    }

    @Test func `an unknown environment variable is ignored`() throws {
        let environment = ["BATCHIN_API_KEY": "x", "BATCHIN_PROVIDERS": "x", "LISTEN": "x", "BATCHIN_LIMITS": "x"]
        #expect(try Configuration(yaml: "", environment: environment) == Configuration())
    }

    @Test func `the file of the flag is read, and none without it`() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).yaml").path()
        try "data: elsewhere".write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        #expect(try Configuration.load(flags: ConfigurationFlags(config: file), environment: [:]).data == "elsewhere")
        #expect(try Configuration.load(environment: [:]) == Configuration())
        // No variable names the file.
        #expect(try Configuration.load(environment: ["BATCHIN_CONFIG": file]) == Configuration())
    }

    @Test func `a missing file is a mistake that names it`() {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.load(flags: ConfigurationFlags(config: "/nowhere/batchin.yaml"), environment: [:])
        }
        #expect(error?.description.hasPrefix("the file cannot be read: ") == true)
        #expect(error?.description.hasSuffix(" (/nowhere/batchin.yaml)") == true)
    }

    @Test func `the public URL comes from the setting, else from the listener`() throws {
        var configuration = Configuration()
        #expect(configuration.publicURL == "http://127.0.0.1:8080")
        let real = ListenAddress(host: "::1", port: 41234)
        #expect(configuration.publicURL(listeningOn: real) == "http://[::1]:41234")
        configuration.explicitPublicURL = "https://batchin.example/api/"
        #expect(configuration.publicURL(listeningOn: real) == "https://batchin.example/api")
    }

    @Test(arguments: ["/srv/data", "/srv/data/"])
    func `files have their places under the data folder`(data: String) throws {
        var configuration = Configuration()
        configuration.data = data
        #expect(configuration.databasePath == "/srv/data/batchin.db")
        #expect(configuration.masterKeyFile == "/srv/data/secrets/master.key")
        configuration.explicitMasterKeyFile = "/etc/master.key"
        #expect(configuration.masterKeyFile == "/etc/master.key")
    }

    @Test func `production is every environment but development`() {
        var configuration = Configuration()
        #expect(!configuration.isProduction)
        configuration.environment = "staging"
        #expect(configuration.isProduction)
    }
}
