package import Accounts
package import Database
import Foundation

/// What the server and the key commands share of one installation: its folder, its database, its users and keys.
///
/// Several processes may have the same installation open; only the server takes the lock on journal and blocks.
package struct Installation: Sendable {
    package let folder: DataFolder
    package let database: Database
    package let accounts: AccountStore
    package let authenticator: Authenticator

    /// Opens the installation that the configuration describes, having made what a first start needs: the data folder,
    /// the master key and the database.
    ///
    /// A database without its master key is refused, since with a new one every API key would silently stop working.
    package static func open(_ configuration: Configuration) async throws(StartError) -> Installation {
        guard configuration.database.url == nil else {
            throw StartError(.unsupported, "database.url: PostgreSQL is not supported yet; leave it empty for SQLite")
        }
        let folder = try DataFolder(creatingAt: configuration.data)
        let masterKey = try masterKey(configuration)
        do {
            let database = try await Database.open(
                path: configuration.databasePath, migrations: AccountStore.migrations)
            return Installation(
                folder: folder,
                database: database,
                accounts: AccountStore(database: database, masterKey: masterKey),
                authenticator: Authenticator(database: database, masterKey: masterKey))
        } catch {
            throw StartError(error)
        }
    }

    /// The key is made before the database, and the database is looked for before the key, so that of two processes
    /// that start at once neither sees the database alone.
    private static func masterKey(_ configuration: Configuration) throws(StartError) -> MasterKey {
        do {
            guard !FileManager.default.fileExists(atPath: configuration.databasePath) else {
                return try MasterKey(readingFrom: configuration.masterKeyFile)
            }
            var generator = SystemRandomNumberGenerator()
            return try MasterKey(readingOrCreatingAt: configuration.masterKeyFile, using: &generator)
        } catch {
            throw StartError(error)
        }
    }
}
