extension Configuration {
    /// An upstream that speaks OpenAI's API.
    package struct Provider: Sendable, Equatable {
        package var id = ""
        package var baseURL = ""
        /// The environment variable that holds the provider's key, if it needs one.
        package var apiKeyEnvironmentVariable: String?
        /// Headers sent with every call. Their values are taken for secrets.
        package var headers: [String: Secret] = [:]
        package var connectTimeoutSeconds = 5
        /// For a whole call.
        package var timeoutSeconds = 120
        /// Between two pieces of a stream.
        package var idleTimeoutSeconds = 60

        package init() {}
    }
}

extension Configuration.Provider: ConfigurationSection {
    static var fields: [ConfigurationField<Self>] {
        [
            .required("id", \.id, .identifier),
            .required("base_url", \.baseURL, .webAddress),
            .omissible("api_key_env", \.apiKeyEnvironmentVariable, .environmentVariable),
            .dictionary("headers", \.headers, .headerSafe),
            .value("connect_timeout_s", \.connectTimeoutSeconds, .seconds),
            .value("timeout_s", \.timeoutSeconds, .seconds),
            .value("idle_timeout_s", \.idleTimeoutSeconds, .seconds),
        ]
    }
}
