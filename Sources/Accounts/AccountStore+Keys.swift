package import Database

extension AccountStore {
    private static let rateLimits = 1...1_000_000
    private static let monthlyBudgets: ClosedRange<Int64> = 0...1_000_000_000_000

    /// Makes a key. The secret is returned this one time; only its keyed hash is stored.
    ///
    /// Nothing has to be told to `Authenticator`, which remembers no refusal.
    ///
    /// - Parameters:
    ///   - name: May be empty.
    ///   - rateLimitPerMinute: 1 to 1,000,000 requests; nil for no limit.
    ///   - monthlyBudgetCents: 0, which lets nothing be spent, to 10¹²; nil for no limit.
    ///   - expiresAt: Milliseconds since 1970-01-01 00:00 UTC, from which on the key is dead; nil for never.
    /// - Throws: `userNotFound`, `invalidName`, `invalidRateLimit`, `invalidBudget`, `invalidExpiry`.
    package func createKey(
        forUser userID: UserID,
        name: String,
        scopes: ScopeSet = .all,
        rateLimitPerMinute: Int? = nil,
        monthlyBudgetCents: Int64? = nil,
        expiresAt: Int64? = nil
    ) async throws(AccountsError) -> (key: APIKey, record: APIKeyRecord) {
        try Self.checkName(name)
        try Self.checkLimits(rateLimitPerMinute, monthlyBudgetCents)
        let createdAt = now()
        guard expiresAt.map({ $0 > createdAt }) ?? true else {
            throw AccountsError(.invalidExpiry, "a key must expire in the future")
        }
        var generator = SystemRandomNumberGenerator()
        let key = APIKey(using: &generator)
        let hash = bearerHasher.hash(key.secret)
        let prefix = key.prefix
        let id = UUIDv7(milliseconds: createdAt)
        let record: APIKeyRecord? = try await write { connection throws(DatabaseError) in
            guard try connection.queryOne("SELECT id FROM users WHERE id = \(userID)") != nil else { return nil }
            try connection.execute(
                """
                INSERT INTO api_keys (
                    id, user_id, name, key_prefix, key_hash, scopes, rate_limit_rpm, monthly_budget_cents,
                    created_at, expires_at)
                VALUES (
                    \(id), \(userID), \(name), \(prefix), \(hash), \(scopes), \(rateLimitPerMinute),
                    \(monthlyBudgetCents), \(createdAt), \(expiresAt))
                """)
            return try Self.records("k.id = \(id)", connection).first
        }
        guard let record else { throw AccountsError(.userNotFound, "there is no such user") }
        return (key, record)
    }

    private static func checkLimits(_ rateLimitPerMinute: Int?, _ monthlyBudgetCents: Int64?) throws(AccountsError) {
        guard rateLimitPerMinute.map(rateLimits.contains) ?? true else {
            throw AccountsError(
                .invalidRateLimit,
                "a rate limit is \(rateLimits.lowerBound) to \(rateLimits.upperBound) requests a minute")
        }
        guard monthlyBudgetCents.map(monthlyBudgets.contains) ?? true else {
            throw AccountsError(
                .invalidBudget,
                "a month's budget is \(monthlyBudgets.lowerBound) to \(monthlyBudgets.upperBound) cents")
        }
    }

    /// Keys, oldest first, revoked and expired ones included; empty if there are none.
    ///
    /// - Parameters:
    ///   - userID: Whose keys; nil for everyone's.
    ///   - after: The id of the last key of the page before.
    package func keys(
        ofUser userID: UserID? = nil,
        after: UUIDv7? = nil,
        limit: Int = 1000
    ) async throws(AccountsError) -> [APIKeyRecord] {
        let owner: SQL = if let userID { "AND k.user_id = \(userID)" } else { "" }
        // Ids sort by the time they were made, and every id sorts after the empty text.
        return try await read { connection throws(DatabaseError) in
            try Self.records("k.id > \(after?.description ?? "") \(owner) ORDER BY k.id LIMIT \(limit)", connection)
        }
    }

    /// A user's keys, newest first, deleted and expired ones included; empty if there are none.
    ///
    /// - Parameter before: The id of the last key of the page before; nil for the first page.
    package func keys(
        ofUser userID: UserID,
        before: UUIDv7?,
        limit: Int
    ) async throws(AccountsError) -> [APIKeyRecord] {
        let page: SQL = if let before { "AND k.id < \(before)" } else { "" }
        return try await read { connection throws(DatabaseError) in
            try Self.records("k.user_id = \(userID) \(page) ORDER BY k.id DESC LIMIT \(limit)", connection)
        }
    }

    /// Revokes a key of this user, at once and for good. Lists keep it.
    ///
    /// - Throws: `keyNotFound`, alike for an id that no key has, another user's key, and one that is deleted already.
    package func deleteKey(_ id: UUIDv7, ofUser userID: UserID) async throws(AccountsError) {
        let revokedAt = now()
        let isDeleted = try await write { connection throws(DatabaseError) in
            let count = try connection.execute(
                """
                UPDATE api_keys SET revoked_at = \(revokedAt)
                WHERE id = \(id) AND user_id = \(userID) AND revoked_at IS NULL
                """)
            if count > 0 { try connection.announce(.credentials) }
            return count > 0
        }
        guard isDeleted else { throw Self.keyNotFound }
    }

    /// Revokes the key with this id or this 16-character prefix, at once and for good; returns it as it is then. One
    /// that is revoked already stays as it is.
    ///
    /// - Throws: `keyNotFound`; `ambiguousKey` if several active keys have the prefix.
    package func revokeKey(_ idOrPrefix: String) async throws(AccountsError) -> APIKeyRecord {
        let revokedAt = now()
        let match: SQL = if let id = UUIDv7(idOrPrefix) { "k.id = \(id)" } else { "k.key_prefix = \(idOrPrefix)" }
        let outcome: Result<APIKeyRecord, AccountsError> = try await write { connection throws(DatabaseError) in
            let matching = try Self.records("\(match) ORDER BY k.id", connection)
            let active = matching.filter { $0.revokedAt == nil }
            guard active.count <= 1 else {
                return .failure(AccountsError(.ambiguousKey, "several keys begin so; revoke by id"))
            }
            guard let record = active.first else {
                return matching.last.map(Result.success) ?? .failure(Self.keyNotFound)
            }
            try connection.execute("UPDATE api_keys SET revoked_at = \(revokedAt) WHERE id = \(record.id)")
            try connection.announce(.credentials)
            return .success(try Self.records("k.id = \(record.id)", connection).first ?? record)
        }
        return try outcome.get()
    }

    private static let keyNotFound = AccountsError(.keyNotFound, "there is no such key")

    private static func records(_ condition: SQL, _ connection: Connection) throws(DatabaseError) -> [APIKeyRecord] {
        try connection.query("\(APIKeyRecord.selection) WHERE \(condition)")
            .map { row throws(DatabaseError) in try APIKeyRecord(row: row) }
    }
}
