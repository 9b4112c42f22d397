package import Database
import Synchronization

/// Tells who an API key or a session token speaks for.
///
/// Those that were accepted are remembered for at most a second and only until any process announces a change, so that a
/// revocation takes effect with the next request, here and in every other process. Those that were refused are not
/// remembered: one that is made a moment later works at once.
package final class Authenticator: Sendable {
    private struct Entry {
        let principal: Principal
        let expiresAt: Int64?
        let readAt: Int64
        /// As it was before the database was read.
        let token: ChangeToken

        func isExpired(at milliseconds: Int64) -> Bool {
            expiresAt.map { milliseconds >= $0 } ?? false
        }
    }

    private let database: Database
    private let hasher: BearerHasher
    private let now: @Sendable () -> Int64
    private let accepted = Mutex<[KeyedHash: Entry]>([:])

    private let entryCountMax: Int

    private static let lifetimeMilliseconds: Int64 = 1000

    /// - Parameters:
    ///   - database: Opened with `AccountStore.migrations`.
    ///   - entryCountMax: How many accepted keys and tokens are remembered at most.
    ///   - now: The wall clock, in milliseconds since 1970-01-01 00:00 UTC.
    package init(
        database: Database,
        masterKey: MasterKey,
        entryCountMax: Int = 10_000,
        now: @escaping @Sendable () -> Int64 = { UnixTime.now() }
    ) {
        self.database = database
        self.hasher = BearerHasher(masterKey: masterKey)
        self.entryCountMax = entryCountMax
        self.now = now
    }

    /// Who this bearer token speaks for; nil alike for text that is no secret of ours and for unknown,
    /// revoked and expired ones.
    ///
    /// - Parameter bearer: What follows `Bearer ` in the Authorization header.
    /// - Throws: `database`, when a secret can neither be accepted nor refused.
    package func authenticate(bearer: String) async throws(AccountsError) -> Principal? {
        guard let secret = try? BearerSecret(parsing: bearer) else {
            // Not one of ours, whatever is wrong with it.
            return nil
        }
        let hash = hasher.hash(secret)
        let now = now()
        let token = database.changeToken(for: .credentials)
        if let entry = entry(for: hash, token: token, now: now) {
            return entry.isExpired(at: now) ? nil : entry.principal
        }
        guard let entry = try await read(secret.kind, hash, token: token, now: now) else {
            accepted.withLock { _ = $0.removeValue(forKey: hash) }
            return nil
        }
        remember(entry, for: hash)
        return entry.isExpired(at: now) ? nil : entry.principal
    }

    /// Whose API key this is that is not accepted any more, because it was revoked or has expired; nil for any other text.
    ///
    /// - Throws: `database`.
    package func owner(ofRefused bearer: String) async throws(AccountsError) -> UserID? {
        // Not one of ours, whatever is wrong with it.
        guard let secret = try? BearerSecret(parsing: bearer), secret.kind == .apiKey else { return nil }
        do {
            return try await database.queryOne("SELECT user_id FROM api_keys WHERE key_hash = \(hasher.hash(secret))")?
                .decode("user_id", as: UserID.self)
        } catch {
            throw AccountsError(error)
        }
    }

    var entryCount: Int { accepted.withLock { $0.count } }

    private func entry(for hash: KeyedHash, token: ChangeToken, now: Int64) -> Entry? {
        accepted.withLock { accepted in
            guard let entry = accepted[hash], entry.token == token else { return nil }
            // A clock that was set back makes no entry live longer.
            return (0..<Self.lifetimeMilliseconds).contains(now - entry.readAt) ? entry : nil
        }
    }

    /// Entries live for a second, so dropping all of them when there are too many costs little.
    private func remember(_ entry: Entry, for hash: KeyedHash) {
        accepted.withLock { accepted in
            if accepted.count >= entryCountMax, accepted[hash] == nil {
                accepted.removeAll(keepingCapacity: true)
            }
            accepted[hash] = entry
        }
    }

    private func read(
        _ kind: BearerSecret.Kind, _ hash: KeyedHash, token: ChangeToken, now: Int64
    ) async throws(AccountsError) -> Entry? {
        do {
            guard let row = try await database.queryOne(Self.query(kind, hash)) else { return nil }
            let principal =
                switch kind {
                case .apiKey: try Principal(keyRow: row)
                case .session: try Principal(sessionRow: row)
                }
            let expiresAt = try row.decode("expires_at", as: Int64?.self)
            return Entry(principal: principal, expiresAt: expiresAt, readAt: now, token: token)
        } catch {
            throw AccountsError(error)
        }
    }

    private static func query(_ kind: BearerSecret.Kind, _ hash: KeyedHash) -> SQL {
        switch kind {
        case .apiKey:
            """
            SELECT id, user_id, scopes, monthly_budget_cents, rate_limit_rpm, expires_at
            FROM api_keys WHERE key_hash = \(hash) AND revoked_at IS NULL
            """
        case .session:
            "SELECT user_id, expires_at FROM sessions WHERE token_hash = \(hash)"
        }
    }
}

extension Principal {
    fileprivate init(keyRow row: Row) throws(DatabaseError) {
        self.init(
            userID: try row.decode("user_id", as: UserID.self),
            credential: .key(try row.decode("id", as: UUIDv7.self)),
            scopes: try row.decode("scopes", as: ScopeSet.self),
            monthlyBudgetCents: try row.decode("monthly_budget_cents", as: Int64?.self),
            rateLimitPerMinute: try row.decode("rate_limit_rpm", as: Int?.self))
    }

    /// A person who has logged in may do everything.
    fileprivate init(sessionRow row: Row) throws(DatabaseError) {
        self.init(userID: try row.decode("user_id", as: UserID.self), credential: .session, scopes: .all)
    }
}

extension Authenticator: CustomReflectable {
    /// Empty: a database remembers what was bound to its statements, hashes too.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
