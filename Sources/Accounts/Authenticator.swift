package import Database
import Synchronization

/// Tells who an API key speaks for.
///
/// Keys that were accepted are remembered for at most a second and only until any process commits to the database, so
/// that a revocation takes effect with the next request, here and in every other process. Keys that were refused are
/// not remembered: one that is made a moment later works at once.
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
    private let hasher: KeyHasher
    private let now: @Sendable () -> Int64
    private let accepted = Mutex<[KeyHash: Entry]>([:])

    static let lifetimeMilliseconds: Int64 = 1000
    static let entryCountMax = 10_000

    /// - Parameters:
    ///   - database: Opened with `AccountStore.migrations`.
    ///   - now: The wall clock, in milliseconds since 1970-01-01 00:00 UTC.
    package init(
        database: Database,
        masterKey: MasterKey,
        now: @escaping @Sendable () -> Int64 = { UnixTime.now() }
    ) {
        self.database = database
        self.hasher = KeyHasher(masterKey: masterKey)
        self.now = now
    }

    /// Who this bearer token speaks for; nil alike for text that is no key and for unknown, revoked and expired keys.
    ///
    /// - Parameter bearer: What follows `Bearer ` in the Authorization header.
    /// - Throws: `database`, when a key can neither be accepted nor refused.
    package func authenticate(bearer: String) async throws(AccountsError) -> Principal? {
        guard let key = try? APIKey(parsing: bearer) else {
            // Not a key of ours, whatever is wrong with it.
            return nil
        }
        let hash = hasher.hash(key)
        let now = now()
        let token = database.changeToken()
        if let entry = entry(for: hash, token: token, now: now) {
            return entry.isExpired(at: now) ? nil : entry.principal
        }
        guard let entry = try await read(hash, token: token, now: now) else {
            accepted.withLock { _ = $0.removeValue(forKey: hash) }
            return nil
        }
        remember(entry, for: hash)
        return entry.isExpired(at: now) ? nil : entry.principal
    }

    private func entry(for hash: KeyHash, token: ChangeToken, now: Int64) -> Entry? {
        accepted.withLock { accepted in
            guard let entry = accepted[hash], entry.token == token else { return nil }
            // A clock that was set back makes no entry live longer.
            return (0..<Self.lifetimeMilliseconds).contains(now - entry.readAt) ? entry : nil
        }
    }

    /// Entries live for a second, so dropping all of them when there are too many costs little.
    private func remember(_ entry: Entry, for hash: KeyHash) {
        accepted.withLock { accepted in
            if accepted.count >= Self.entryCountMax, accepted[hash] == nil {
                accepted.removeAll(keepingCapacity: true)
            }
            accepted[hash] = entry
        }
    }

    private func read(_ hash: KeyHash, token: ChangeToken, now: Int64) async throws(AccountsError) -> Entry? {
        do {
            let row = try await database.queryOne(
                "SELECT id, user_id, scopes, expires_at FROM api_keys WHERE key_hash = \(hash) AND revoked_at IS NULL")
            guard let row else { return nil }
            let principal = Principal(
                userID: try row.decode("user_id", as: UserID.self),
                keyID: try row.decode("id", as: UUIDv7.self),
                scopes: try row.decode("scopes", as: ScopeSet.self))
            let expiresAt = try row.decode("expires_at", as: Int64?.self)
            return Entry(principal: principal, expiresAt: expiresAt, readAt: now, token: token)
        } catch {
            throw AccountsError(error)
        }
    }
}
