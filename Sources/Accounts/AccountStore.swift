package import Database

/// Users and their API keys, in the SQL database.
///
/// What a call has changed is on disk when it returns, and every process on the same database sees it from then on.
/// Every call can fail with the code `database`.
package struct AccountStore: Sendable {
    let database: Database
    let masterKey: MasterKey
    let bearerHasher: BearerHasher
    let passwords: PasswordHasher
    let now: @Sendable () -> Int64

    /// The tables of this module.
    package static let migrations = [
        Migration(version: 1, name: "accounts", script: PackageResources._001_accounts_sql),
        Migration(version: 2, name: "sessions", script: PackageResources._002_sessions_sql),
        Migration(version: 3, name: "money", script: PackageResources._003_money_sql),
        Migration(version: 4, name: "rate-limits", script: PackageResources._004_rate_limits_sql),
        Migration(version: 5, name: "runs", script: PackageResources._005_runs_sql),
        Migration(version: 6, name: "idempotency", script: PackageResources._006_idempotency_sql),
    ]

    /// - Parameters:
    ///   - database: Opened with `migrations`.
    ///   - passwords: Hashes the passwords of the whole process.
    ///   - now: The wall clock, in milliseconds since 1970-01-01 00:00 UTC.
    package init(
        database: Database,
        masterKey: MasterKey,
        passwords: PasswordHasher = PasswordHasher(),
        now: @escaping @Sendable () -> Int64 = { UnixTime.now() }
    ) {
        self.database = database
        self.masterKey = masterKey
        self.passwords = passwords
        self.now = now
        bearerHasher = BearerHasher(masterKey: masterKey)
    }
}

extension AccountStore {
    private static let nameByteCountMax = 256

    /// The rule for names of users and of keys. A name may be empty.
    ///
    /// - Throws: `invalidName`.
    static func checkName(_ name: String) throws(AccountsError) {
        guard name.utf8.count <= nameByteCountMax else {
            throw AccountsError(.invalidName, "a name has at most \(nameByteCountMax) bytes")
        }
        guard !name.hasControlCharacters else {
            throw AccountsError(.invalidName, "a name has no control characters")
        }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(AccountsError) -> Value {
        do {
            return try await database.read(body)
        } catch {
            throw AccountsError(error)
        }
    }

    func write<Value: Sendable>(
        holding locks: [TransactionLock] = [],
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(AccountsError) -> Value {
        do {
            return try await database.write(holding: locks, body)
        } catch {
            throw AccountsError(error)
        }
    }
}

extension AccountStore: CustomReflectable {
    /// Empty: a database remembers what was bound to its statements, hashes too.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
