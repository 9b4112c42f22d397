import Accounts
import Foundation
import Testing

@testable import APIServer

struct InstallationTests {
    private func configuration(_ folder: TemporaryFolder) -> Configuration {
        var configuration = Configuration()
        configuration.data = folder.path("data")
        return configuration
    }

    @Test func `the first opening makes all that is needed, for the owner only`() async throws {
        let folder = try TemporaryFolder()
        _ = try await Installation.open(configuration(folder))
        #expect(try folder.mode("data") == 0o700)
        #expect(try folder.mode("data/batchin.db") == 0o600)
        #expect(try folder.mode("data/secrets") == 0o700)
        #expect(try folder.mode("data/secrets/master.key") == 0o600)
    }

    @Test func `a key made by one process is taken by another that has the same installation open`() async throws {
        let folder = try TemporaryFolder()
        let server = try await Installation.open(configuration(folder))
        let command = try await Installation.open(configuration(folder))
        let user = try await command.accounts.findOrCreateUser(email: "a@example.com")
        let (key, _) = try await command.accounts.createKey(forUser: user.id, name: "")
        let principal = try await server.authenticator.authenticate(bearer: key.secretText)
        #expect(principal?.userID == user.id)
    }

    @Test func `a database without its master key is refused`() async throws {
        let folder = try TemporaryFolder()
        _ = try await Installation.open(configuration(folder))
        try FileManager.default.removeItem(atPath: folder.path("data/secrets/master.key"))
        let error = await #expect(throws: StartError.self) { try await Installation.open(configuration(folder)) }
        #expect(error?.code == .accounts)
        #expect(!FileManager.default.fileExists(atPath: folder.path("data/secrets/master.key")))
    }

    @Test func `another master key than the database was made with is refused`() async throws {
        let folder = try TemporaryFolder()
        _ = try await Installation.open(configuration(folder))
        let key = folder.path("data/secrets/master.key")
        try Data(repeating: 7, count: 32).write(to: URL(filePath: key))
        let error = await #expect(throws: StartError.self) { try await Installation.open(configuration(folder)) }
        #expect(error?.code == .accounts)
    }

    @Test func `a PostgreSQL that can't be reached is said to be, without the URL's password, and no key is made`()
        async throws
    {
        let folder = try TemporaryFolder()
        var configuration = configuration(folder)
        configuration.database.url = PostgresURL("postgres://u:canary@/d?host=\(folder.path("nowhere"))")
        let error = await #expect(throws: StartError.self) { try await Installation.open(configuration) }
        #expect(error?.code == .database)
        #expect(error?.description.contains("canary") == false)
        #expect(!FileManager.default.fileExists(atPath: folder.path("data/secrets")))
    }
}
