package import Database

/// What is known about an API key, the secret excepted. Times are milliseconds since 1970-01-01 00:00 UTC.
package struct APIKeyRecord: Hashable, Sendable {
    package let id: UUIDv7
    package let userID: UserID
    package let userEmail: String
    package let name: String
    /// The first 16 characters of the key.
    package let prefix: String
    package let scopes: ScopeSet
    /// How many requests a minute the key may make; nil means no limit.
    package let rateLimitPerMinute: Int?
    /// What the key may spend in a UTC calendar month; nil means no limit of its own.
    package let monthlyBudgetCents: Int64?
    package let createdAt: Int64
    package let expiresAt: Int64?
    /// Up to what has been written of it; `KeyUseRecorder` knows the last moments.
    package let lastUsedAt: Int64?
    /// Since when the key is deleted or, which is the same, revoked.
    package let revokedAt: Int64?

    /// Whether the key opens doors at this moment.
    package func isActive(at milliseconds: Int64) -> Bool {
        revokedAt == nil && expiresAt.map { milliseconds < $0 } ?? true
    }

    /// The columns that `init(row:)` reads.
    static let selection: SQL = """
        SELECT k.id, k.user_id, u.email, k.name, k.key_prefix, k.scopes,
               k.rate_limit_rpm, k.monthly_budget_cents,
               k.created_at, k.expires_at, k.last_used_at, k.revoked_at
        FROM api_keys k JOIN users u ON u.id = k.user_id
        """

    init(row: Row) throws(DatabaseError) {
        id = try row.decode("id", as: UUIDv7.self)
        userID = try row.decode("user_id", as: UserID.self)
        userEmail = try row.decode("email", as: String.self)
        name = try row.decode("name", as: String.self)
        prefix = try row.decode("key_prefix", as: String.self)
        scopes = try row.decode("scopes", as: ScopeSet.self)
        rateLimitPerMinute = try row.decode("rate_limit_rpm", as: Int?.self)
        monthlyBudgetCents = try row.decode("monthly_budget_cents", as: Int64?.self)
        createdAt = try row.decode("created_at", as: Int64.self)
        expiresAt = try row.decode("expires_at", as: Int64?.self)
        lastUsedAt = try row.decode("last_used_at", as: Int64?.self)
        revokedAt = try row.decode("revoked_at", as: Int64?.self)
    }
}
