import APIServer
import ArgumentParser
import Audit
import AuditLog

struct InitRoot: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init-root",
        abstract: "Begin the audit log: make its root key and the keys that sign.",
        discussion: """
            Prints the root's public key, which is all that an auditor has to know. The root only signs which keys are \
            good. To keep it offline, name a file on a medium that is taken away, and bring it back to rotate and revoke.
            """)

    @OptionGroup var shared: SharedOptions

    @Option(
        help: ArgumentHelp(
            "Where the root's secret is kept; in the data folder's secrets if left out.", valueName: "file"))
    var root: String?

    func run() async throws {
        let configuration = try shared.configuration()
        let audit = try await Installation.open(configuration).audit
        let key = try await audit.begin(
            origin: audit.origin(port: configuration.listen.port), rootSecretFile: root ?? audit.keyFolder.rootFile)
        print(String(decoding: FlatProjection.text(of: key).dropFirst("ed25519:pk_".count).utf8, as: UTF8.self))
    }
}
