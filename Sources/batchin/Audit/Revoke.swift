import APIServer
import ArgumentParser
import Audit
import AuditLog

struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say that a key has been in other hands, and replace it if it is in use.",
        discussion: "What it signed before that leaf of the log stays good; what it signed since is suspect.")

    @OptionGroup var shared: SharedOptions

    @Argument(help: ArgumentHelp("Which key.", valueName: "keyid"))
    var keyID: KeyID

    @Option(help: ArgumentHelp("Since which leaf of the log; from now on if left out.", valueName: "index"))
    var since: UInt64?

    @Option(help: "Why; everybody can read it.")
    var reason: String

    @Option(help: ArgumentHelp("The file of the root's secret.", valueName: "file"))
    var root: String?

    func run() async throws {
        let audit = try await Installation.open(shared.configuration()).audit
        let secret = try KeyFolder.root(inFile: root ?? audit.keyFolder.rootFile)
        try await audit.openExisting().revoke(keyID, since: since, reason: reason, signedBy: secret)
    }
}

extension KeyID: ExpressibleByArgument {
    public init?(argument: String) { self.init(text: argument) }
}
