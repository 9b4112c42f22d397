/// Everything an operator may set, decoded once at start from flags, environment, file and defaults.
///
/// A value made by `load` has been checked as a whole; later code need not check it again. Fresh from `init()` it holds
/// the defaults. Sizes are bytes, and durations are whole seconds unless a name says otherwise.
package struct Configuration: Sendable, Equatable {
    /// The name of this installation, sent as `X-BatchIn-Environment`. Anything but `development` needs a token.
    package var environment = "development"
    /// What `X-BatchIn-Internal-Token` must carry outside of development.
    package var internalToken: Secret?
    /// Whether development may listen beyond the loopback interface.
    package var allowOpenDevelopment = false
    package var listen = ListenAddress(host: "127.0.0.1", port: 8080)
    /// Where `/metrics` is served; nil means on the main listener.
    package var metricsListen: ListenAddress?
    /// What the operator set as `public_url`; read `publicURL` instead.
    package var explicitPublicURL: String?
    /// The peers whose forwarded-for headers count.
    package var trustedProxies: [NetworkRange] = []
    /// The data folder, as given: relative paths are relative to the working directory.
    package var data = "./data"
    /// What the operator set as `master_key_file`; read `masterKeyFile` instead.
    package var explicitMasterKeyFile: String?
    package var database = Database()
    package var spans = Spans()
    package var limits = Limits()
    /// How much of a call's content is kept; a key or a request may only lower it.
    package var capture = Capture.full
    package var providers: [Provider] = []
    package var models: [Model] = []
    package var routes: [Route] = []
    package var audit = Audit()
    package var webhooks = Webhooks()
    package var usdc = USDC()
    package var stripe = Stripe()
    package var energy = Energy()

    package init() {}

    /// How much of a call's content is kept.
    package enum Capture: String, Sendable, CaseIterable {
        case none, hash, full
    }
}

extension Configuration.Capture: ScalarValue {}

extension Configuration: ConfigurationSection {
    static var fields: [ConfigurationField<Configuration>] {
        [
            .value("environment", \.environment, .identifier),
            .emptyMeansNone("internal_token", \.internalToken, .headerSafe),
            .value("allow_open_development", \.allowOpenDevelopment),
            .value("listen", \.listen),
            .emptyMeansNone("metrics_listen", \.metricsListen),
            .emptyMeansNone("public_url", \.explicitPublicURL, .webAddress),
            .values("trusted_proxies", \.trustedProxies),
            .value("data", \.data, .path),
            .emptyMeansNone("master_key_file", \.explicitMasterKeyFile, .path),
            .section("database", \.database),
            .section("spans", \.spans),
            .section("limits", \.limits),
            .value("capture", \.capture),
            .sections("providers", \.providers),
            .sections("models", \.models),
            .sections("routes", \.routes),
            .section("audit", \.audit),
            .section("webhooks", \.webhooks),
            .section("usdc", \.usdc),
            .section("stripe", \.stripe),
            .section("energy", \.energy),
        ]
    }
}
