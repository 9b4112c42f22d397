import APIServer
import Accounts
import ArgumentParser
import Database

struct Credit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Give a user credit, in whole US cents, with an entry in the ledger.",
        discussion: "A negative amount takes credit back; write it after two dashes: credit --reason R EMAIL -- -500.")

    @OptionGroup var shared: SharedOptions

    @Argument(help: ArgumentHelp("Whose credit.", valueName: "email"))
    var email: String

    @Argument(help: ArgumentHelp("How much.", valueName: "cents"))
    var cents: Int64

    @Option(help: "Why; kept in the ledger.")
    var reason: String

    @Option(help: "A name for this credit: credits with the same one count once.")
    var reference: String?

    func run() async throws {
        let installation = try await Installation.open(shared.configuration())
        guard let user = try await installation.accounts.user(email: email) else {
            throw CommandError("there is no user \(email)")
        }
        let reference = reference ?? UUIDv7(milliseconds: UnixTime.now()).description
        let balance = try await installation.ledger.credit(
            user.id, cents: cents, source: .operator, reference: reference, reason: reason)
        print("credited \(user.email) with \(cents) cents; the balance is \(balance.cents) cents")
    }
}
