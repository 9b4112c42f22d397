extension Configuration {
    /// A model of the catalogue.
    package struct Model: Sendable, Equatable {
        package var id = ""
        package var ownedBy: String?
        package var kind = Kind.chat
        /// In tokens.
        package var contextLength: Int?
        package var license: String?
        /// What the model can do, in the operator's words, such as `tools` or `vision`.
        package var capabilities: [String] = []
        package var status = Status.alwaysOn
        package var pricing = Pricing()
        /// The id of the route that serves it.
        package var route = ""

        package init() {}

        /// What a model is called for; `chat` also serves responses and completions.
        package enum Kind: String, Sendable, CaseIterable {
            case chat, embedding, speech, image, video
        }

        package enum Status: String, Sendable, CaseIterable {
            case alwaysOn = "always_on"
            case onDemand = "on_demand"
            case degraded
            case offline
        }
    }
}

extension Configuration.Model.Kind: ScalarValue {}
extension Configuration.Model.Status: ScalarValue {}

extension Configuration.Model: ConfigurationSection {
    static var fields: [ConfigurationField<Self>] {
        [
            .required("id", \.id, .identifier),
            .omissible("owned_by", \.ownedBy, .notEmpty),
            .value("kind", \.kind),
            .omissible("context_length", \.contextLength, .positive),
            .omissible("license", \.license, .notEmpty),
            .values("capabilities", \.capabilities),
            .value("status", \.status),
            .section("pricing", \.pricing),
            .required("route", \.route, .identifier),
        ]
    }
}
