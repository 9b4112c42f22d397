import APIServer
import ArgumentParser
import Foundation

@main
struct BatchIn: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batchin",
        abstract: "A trace backend, an inference gateway and an audit log for LLM systems.",
        version: Version.current,
        subcommands: [
            Serve.self, Keys.self, Credit.self, AuditCommands.self, Verify.self, PrintVersion.self,
        ])

    /// What can't be understood ends with 2, as with most commands.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            FileHandle.standardError.write(Data((fullMessage(for: error) + "\n").utf8))
            Foundation.exit(2)
        }
    }
}
