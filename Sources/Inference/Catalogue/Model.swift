/// A model of the catalogue.
package struct Model: Hashable, Sendable {
    package let id: String
    package let kind: Kind
    package let ownedBy: String
    /// In tokens; nil if it is not known.
    package let contextLength: Int?
    package let license: String?
    /// What it can do, in the operator's words.
    package let capabilities: [String]
    /// What the operator says of it; `Router.status(of:)` knows better.
    package let status: Status
    package let pricing: Pricing
    /// When it came into the catalogue, in seconds since 1970.
    package let created: Int64
    package let route: Route

    package init(
        id: String, kind: Kind = .chat, ownedBy: String, contextLength: Int? = nil, license: String? = nil,
        capabilities: [String] = [],
        status: Status = .alwaysOn, pricing: Pricing = Pricing(), created: Int64, route: Route
    ) {
        self.id = id
        self.kind = kind
        self.ownedBy = ownedBy
        self.contextLength = contextLength
        self.license = license
        self.capabilities = capabilities
        self.status = status
        self.pricing = pricing
        self.created = created
        self.route = route
    }

    /// What a model is called for; `chat` also serves responses and completions.
    package enum Kind: String, CaseIterable, Sendable {
        case chat, embedding, speech, image, video
    }

    package enum Status: String, CaseIterable, Sendable {
        case alwaysOn = "always_on"
        case onDemand = "on_demand"
        case degraded
        case offline
    }
}
