import APIServer
import ArgumentParser

struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, list and revoke API keys, with or without a server running on the same data.",
        subcommands: [CreateKey.self, ListKeys.self, RevokeKey.self])
}
