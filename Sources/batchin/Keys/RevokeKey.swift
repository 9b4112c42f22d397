import APIServer
import Accounts
import ArgumentParser

struct RevokeKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Revoke an API key, from the server's next request on and for good.")

    @OptionGroup var shared: SharedOptions

    @Argument(help: ArgumentHelp("The key's id or its first 16 characters.", valueName: "id|prefix"))
    var key: String

    func run() async throws {
        let accounts = try await Installation.open(shared.configuration()).accounts
        let record = try await accounts.revokeKey(key)
        print("revoked \(record.prefix) (\(record.id)) of \(record.userEmail)")
    }
}
