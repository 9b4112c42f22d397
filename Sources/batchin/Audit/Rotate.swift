import APIServer
import ArgumentParser
import Audit
import AuditLog

struct Rotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Give a role a new key, and retire the one that it had.",
        discussion: "A running server signs with the new key from its next record on. Prints the new key's id.")

    @OptionGroup var shared: SharedOptions

    @Option(
        help: ArgumentHelp(
            "Whose key: \(KeyRole.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "role"))
    var role: KeyRole

    @Option(help: ArgumentHelp("The file of the root's secret.", valueName: "file"))
    var root: String?

    func run() async throws {
        let audit = try await Installation.open(shared.configuration()).audit
        let secret = try KeyFolder.root(inFile: root ?? audit.keyFolder.rootFile)
        print(try await audit.openExisting().rotate(role, signedBy: secret))
    }
}

extension KeyRole: ExpressibleByArgument {}
