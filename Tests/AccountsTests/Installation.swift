import Database
import Synchronization
import TestSupport

@testable import Accounts

/// A clock that moves when told to.
final class TestClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_700_000_000_000)

    var now: Int64 { milliseconds.withLock { $0 } }

    func advance(by amount: Int64) { milliseconds.withLock { $0 += amount } }
}

/// What one process has open on a data folder.
struct Installation {
    let clock: TestClock
    let database: Database
    let store: AccountStore
    let authenticator: Authenticator

    init(folder: String, clock: TestClock = TestClock()) async throws {
        var generator = SystemRandomNumberGenerator()
        let masterKey = try MasterKey(readingOrCreatingAt: folder + "/master.key", using: &generator)
        let database = try await Database.open(path: folder + "/test.db", migrations: AccountStore.migrations)
        self.clock = clock
        self.database = database
        store = AccountStore(database: database, masterKey: masterKey) { clock.now }
        authenticator = Authenticator(database: database, masterKey: masterKey) { clock.now }
    }

    func makeKey(email: String = "a@b", expiresAt: Int64? = nil) async throws -> (key: APIKey, record: APIKeyRecord) {
        let user = try await store.findOrCreateUser(email: email)
        return try await store.createKey(forUser: user.id, name: "test", expiresAt: expiresAt)
    }
}

/// Runs a test with a fresh installation.
func withInstallation(_ body: (Installation) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
        try await body(Installation(folder: folder))
    }
}
