package import Accounts
import AuditLog
package import Database
import Foundation

/// What the server and the commands share of one installation: its folder, its database, and what is kept there.
///
/// Several processes may have the same installation open; only the server takes the lock on journal and blocks.
package struct Installation: Sendable {
    package let folder: DataFolder
    package let database: Database
    package let accounts: AccountStore
    package let authenticator: Authenticator
    package let ledger: Ledger
    package let idempotency: IdempotencyStore
    package let audit: AuditSetup

    /// The tables of all modules.
    static let migrations = AccountStore.migrations + AuditLog.migrations

    /// Opens the installation that the configuration describes, having made what a first start needs: the data folder,
    /// the master key and the database's tables.
    ///
    /// A database without its master key is refused, since with a new one every API key would silently stop working.
    package static func open(_ configuration: Configuration) async throws(StartError) -> Installation {
        let folder = try DataFolder(creatingAt: configuration.data)
        let (database, masterKey) =
            if let url = configuration.database.url {
                try await openPostgreSQL(url, masterKeyFile: configuration.masterKeyFile)
            } else {
                try await openSQLite(configuration.databasePath, masterKeyFile: configuration.masterKeyFile)
            }
        let accounts = AccountStore(database: database, masterKey: masterKey)
        do {
            try await accounts.checkMasterKey()
        } catch {
            throw StartError(error)
        }
        return Installation(
            folder: folder,
            database: database,
            accounts: accounts,
            authenticator: Authenticator(database: database, masterKey: masterKey),
            ledger: Ledger(database: database),
            idempotency: IdempotencyStore(database: database, masterKey: masterKey),
            audit: AuditSetup(configuration, database))
    }

    /// The key is made before the database, and the database is looked for before the key, so that of two processes
    /// that start at once neither sees the database alone.
    private static func openSQLite(
        _ path: String, masterKeyFile: String
    ) async throws(StartError) -> (Database, MasterKey) {
        let isNew = !FileManager.default.fileExists(atPath: path)
        let masterKey = try masterKey(masterKeyFile, mayBeMade: isNew)
        do {
            return (try await Database.open(path: path, migrations: migrations), masterKey)
        } catch {
            throw StartError(error)
        }
    }

    /// The database knows whether it belongs to a master key; where several processes start on a new one with keys of
    /// their own, the first wins and the others are refused.
    private static func openPostgreSQL(
        _ url: PostgresURL, masterKeyFile: String
    ) async throws(StartError) -> (Database, MasterKey) {
        let database: Database
        do {
            database = try await Database.open(url: url.value, migrations: migrations)
        } catch {
            throw StartError(error)
        }
        let isNew: Bool
        do {
            isNew = try await !AccountStore.hasMasterKeyCheck(database)
        } catch {
            throw StartError(error)
        }
        return (database, try masterKey(masterKeyFile, mayBeMade: isNew))
    }

    private static func masterKey(_ path: String, mayBeMade: Bool) throws(StartError) -> MasterKey {
        do {
            guard mayBeMade else { return try MasterKey(readingFrom: path) }
            var generator = SystemRandomNumberGenerator()
            return try MasterKey(readingOrCreatingAt: path, using: &generator)
        } catch {
            throw StartError(error)
        }
    }
}
