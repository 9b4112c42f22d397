extension Configuration {
    /// Top-ups through Stripe. The secrets themselves stay in the environment.
    package struct Stripe: Sendable, Equatable {
        package var apiBase = "https://api.stripe.com"
        /// The environment variable that holds the secret key.
        package var secretKeyEnvironmentVariable = "STRIPE_SECRET_KEY"
        /// The environment variable that holds the signing secret of the webhook.
        package var webhookSecretEnvironmentVariable = "STRIPE_WEBHOOK_SECRET"

        package init() {}
    }
}

extension Configuration.Stripe: ConfigurationSection {
    static var fields: [ConfigurationField<Self>] {
        [
            .value("api_base", \.apiBase, .webAddress),
            .value("secret_key_env", \.secretKeyEnvironmentVariable, .environmentVariable),
            .value("webhook_secret_env", \.webhookSecretEnvironmentVariable, .environmentVariable),
        ]
    }
}
