import APIServer
import Accounts
import ArgumentParser

struct CreateKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make an API key and print it, this once.",
        discussion: "Makes the user if there is none.")

    @OptionGroup var shared: SharedOptions

    @Option(help: ArgumentHelp("Whose key it is.", valueName: "email"))
    var user: String

    @Option(help: "What to call the key in lists.")
    var name = ""

    @Option(help: ArgumentHelp("What the key may do, separated by commas; all if left out.", valueName: "a,b"))
    var scopes: String?

    func run() async throws {
        // A mistake in the scopes must not leave a user or a data folder behind.
        let scopes = try scopes.map(ScopeSet.init(parsing:)) ?? .all
        let accounts = try await Installation.open(shared.configuration()).accounts
        let owner = try await accounts.findOrCreateUser(email: user)
        let (key, _) = try await accounts.createKey(forUser: owner.id, name: name, scopes: scopes)
        print(key.secretText)
    }
}
