import Database
import TestSupport

@testable import Accounts

/// What one process has open on a database.
struct Installation {
    let clock: TestClock
    let database: Database
    let masterKey: MasterKey
    let passwords: ObservedPasswords
    let store: AccountStore
    let signIn: SignIn
    let authenticator: Authenticator
    let keyUses: KeyUseRecorder

    init(database: Database, masterKey: MasterKey, clock: TestClock = TestClock()) {
        self.clock = clock
        self.database = database
        self.masterKey = masterKey
        passwords = ObservedPasswords()
        let hasher = PasswordHasher(algorithm: passwords.algorithm)
        store = AccountStore(database: database, masterKey: masterKey, passwords: hasher) { clock.now }
        signIn = SignIn(accounts: store)
        authenticator = Authenticator(database: database, masterKey: masterKey) { clock.now }
        keyUses = KeyUseRecorder(database: database) { clock.now }
    }

    /// Another process on the same database, with the same key and clock.
    func process(on database: Database) -> Installation {
        Installation(database: database, masterKey: masterKey, clock: clock)
    }

    /// Waits until unannounced changes are told from announced ones, which on PostgreSQL takes a connection.
    func untilChangesAreHeard() async {
        await until { database.changeToken(for: .credentials) == database.changeToken(for: .credentials) }
    }

    func makeKey(email: String = "a@b", expiresAt: Int64? = nil) async throws -> (key: APIKey, record: APIKeyRecord) {
        let user = try await store.findOrCreateUser(email: email)
        return try await store.createKey(forUser: user.id, name: "test", expiresAt: expiresAt)
    }
}

/// Runs a test with a fresh installation.
func withInstallation(_ engine: TestEngine, _ body: (Installation) async throws -> Void) async throws {
    try await withMasterKey { masterKey in
        try await withDatabase(engine, migrations: AccountStore.migrations) { database in
            try await body(Installation(database: database, masterKey: masterKey))
        }
    }
}

/// Runs a test with two processes on one fresh database.
func withTwoProcesses(_ engine: TestEngine, _ body: (Installation, Installation) async throws -> Void) async throws {
    try await withMasterKey { masterKey in
        try await withTwoDatabases(engine, migrations: AccountStore.migrations) { one, other in
            let installation = Installation(database: one, masterKey: masterKey)
            try await body(installation, installation.process(on: other))
        }
    }
}

func withMasterKey(_ body: (MasterKey) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
        var generator = SystemRandomNumberGenerator()
        try await body(MasterKey(readingOrCreatingAt: folder + "/master.key", using: &generator))
    }
}

/// Waits for what others do, without blocking them. A test that uses it has a time limit.
func until(_ condition: () async throws -> Bool) async rethrows {
    while !(try await condition()) {
        await Task.yield()
    }
}
