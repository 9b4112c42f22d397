package import Database

/// Who is asking, and what they may do: what an accepted API key or session stands for.
package struct Principal: Hashable, Sendable {
    package enum Credential: Hashable, Sendable {
        /// An API key, by its id.
        case key(UUIDv7)
        /// What a login gave out; a person, who may do everything with what is theirs.
        case session
    }

    package let userID: UserID
    package let credential: Credential
    package let scopes: ScopeSet
    /// What the key may spend in a UTC calendar month; nil means no limit of its own.
    package let monthlyBudgetCents: Int64?
    /// How many requests a minute the key may make; nil means no limit.
    package let rateLimitPerMinute: Int?

    package init(
        userID: UserID, credential: Credential, scopes: ScopeSet, monthlyBudgetCents: Int64? = nil,
        rateLimitPerMinute: Int? = nil
    ) {
        self.userID = userID
        self.credential = credential
        self.scopes = scopes
        self.monthlyBudgetCents = monthlyBudgetCents
        self.rateLimitPerMinute = rateLimitPerMinute
    }

    /// The API key's id; nil for a session.
    package var keyID: UUIDv7? {
        if case .key(let id) = credential { id } else { nil }
    }
}
