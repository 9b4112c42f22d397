package import Database

/// Users and their API keys, in the SQL database.
///
/// What a call has changed is on disk when it returns, and every process on the same database sees it from then on.
/// Every call can fail with the code `database`.
package struct AccountStore: Sendable {
    private let database: Database
    private let hasher: KeyHasher
    private let now: @Sendable () -> Int64

    private static let nameByteCountMax = 256

    /// The tables of this module.
    package static let migrations = [
        Migration(version: 1, name: "accounts", script: PackageResources._001_accounts_sql)
    ]

    /// - Parameters:
    ///   - database: Opened with `migrations`.
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

    /// The user with this address, in any case of letters; made, without a name and a password, if there is none.
    ///
    /// - Throws: `invalidEmail`.
    package func findOrCreateUser(email: String) async throws(AccountsError) -> User {
        let address = try EmailAddress(email).text
        let createdAt = now()
        let id = UserID(newID(at: createdAt))
        return try await write { connection throws(DatabaseError) in
            try connection.execute(
                """
                INSERT INTO users (id, email, name, created_at) VALUES (\(id), \(address), '', \(createdAt))
                ON CONFLICT (email) DO NOTHING
                """)
            guard let row = try connection.queryOne(Self.userQuery(address)) else {
                throw DatabaseError(.other, "a user vanished while being made")
            }
            return try User(row: row)
        }
    }

    /// The user with this address, in any case of letters; nil if there is none.
    ///
    /// - Throws: `invalidEmail`.
    package func user(email: String) async throws(AccountsError) -> User? {
        let address = try EmailAddress(email).text
        return try await read { connection throws(DatabaseError) in
            try connection.queryOne(Self.userQuery(address)).map { row throws(DatabaseError) in try User(row: row) }
        }
    }

    /// Makes a key. The secret is returned this one time; only its keyed hash is stored.
    ///
    /// - Parameter expiresAt: Milliseconds since 1970-01-01 00:00 UTC, from which on the key is dead; nil for never.
    /// - Throws: `userNotFound`, `invalidName`, `invalidExpiry`.
    package func createKey(
        forUser userID: UserID,
        name: String,
        scopes: ScopeSet = .all,
        expiresAt: Int64? = nil
    ) async throws(AccountsError) -> (key: APIKey, record: APIKeyRecord) {
        try Self.checkName(name)
        let createdAt = now()
        guard expiresAt.map({ $0 > createdAt }) ?? true else {
            throw AccountsError(.invalidExpiry, "a key must expire in the future")
        }
        var generator = SystemRandomNumberGenerator()
        let key = APIKey(using: &generator)
        let hash = hasher.hash(key)
        let prefix = key.prefix
        let id = newID(at: createdAt)
        let record: APIKeyRecord? = try await write { connection throws(DatabaseError) in
            guard try connection.queryOne("SELECT id FROM users WHERE id = \(userID)") != nil else { return nil }
            try connection.execute(
                """
                INSERT INTO api_keys (id, user_id, name, key_prefix, key_hash, scopes, created_at, expires_at)
                VALUES (\(id), \(userID), \(name), \(prefix), \(hash), \(scopes), \(createdAt), \(expiresAt))
                """)
            return try Self.record(id: id, connection)
        }
        guard let record else { throw AccountsError(.userNotFound, "there is no such user") }
        return (key, record)
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
        let page: SQL = """
            \(APIKeyRecord.selection) WHERE k.id > \(after?.description ?? "") \(owner) ORDER BY k.id LIMIT \(limit)
            """
        return try await read { connection throws(DatabaseError) in
            try connection.query(page).map { row throws(DatabaseError) in try APIKeyRecord(row: row) }
        }
    }

    /// Revokes the key with this id or this 16-character prefix, at once and for good; returns it as it is then. One
    /// that is revoked already stays as it is.
    ///
    /// - Throws: `keyNotFound`; `ambiguousKey` if several active keys have the prefix.
    package func revokeKey(_ idOrPrefix: String) async throws(AccountsError) -> APIKeyRecord {
        let revokedAt = now()
        let outcome: Result<APIKeyRecord, AccountsError> = try await write { connection throws(DatabaseError) in
            let matching = try Self.records(matching: idOrPrefix, connection)
            let active = matching.filter { $0.revokedAt == nil }
            guard active.count <= 1 else {
                return .failure(AccountsError(.ambiguousKey, "several keys begin so; revoke by id"))
            }
            guard let record = active.first else {
                return matching.last.map(Result.success)
                    ?? .failure(AccountsError(.keyNotFound, "there is no such key"))
            }
            try connection.execute("UPDATE api_keys SET revoked_at = \(revokedAt) WHERE id = \(record.id)")
            return .success(try Self.record(id: record.id, connection) ?? record)
        }
        return try outcome.get()
    }
}

extension AccountStore {
    private static func userQuery(_ address: String) -> SQL {
        "SELECT id, email, name, created_at FROM users WHERE email = \(address)"
    }

    private static func record(id: UUIDv7, _ connection: Connection) throws(DatabaseError) -> APIKeyRecord? {
        try connection.queryOne("\(APIKeyRecord.selection) WHERE k.id = \(id)")
            .map { row throws(DatabaseError) in try APIKeyRecord(row: row) }
    }

    private static func records(
        matching idOrPrefix: String,
        _ connection: Connection
    ) throws(DatabaseError) -> [APIKeyRecord] {
        let match: SQL = if let id = UUIDv7(idOrPrefix) { "k.id = \(id)" } else { "k.key_prefix = \(idOrPrefix)" }
        return try connection.query("\(APIKeyRecord.selection) WHERE \(match) ORDER BY k.id")
            .map { row throws(DatabaseError) in try APIKeyRecord(row: row) }
    }

    private static func checkName(_ name: String) throws(AccountsError) {
        guard name.utf8.count <= nameByteCountMax else {
            throw AccountsError(.invalidName, "a name has at most \(nameByteCountMax) bytes")
        }
        guard !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw AccountsError(.invalidName, "a name has no control characters")
        }
    }

    private func newID(at milliseconds: Int64) -> UUIDv7 {
        var generator = SystemRandomNumberGenerator()
        return UUIDv7(milliseconds: milliseconds, using: &generator)
    }

    private func read<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(AccountsError) -> Value {
        do {
            return try await database.read(body)
        } catch {
            throw AccountsError(error)
        }
    }

    private func write<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(AccountsError) -> Value {
        do {
            return try await database.write(body)
        } catch {
            throw AccountsError(error)
        }
    }
}
