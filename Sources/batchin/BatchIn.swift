import APIServer
import ArgumentParser

@main
struct BatchIn: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batchin",
        abstract: "A trace backend: OTLP in, OTLP out.",
        version: Version.current,
        subcommands: [Serve.self, Keys.self, Credit.self, PrintVersion.self])
}
