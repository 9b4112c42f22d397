import ArgumentParser

struct AuditCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Look after the audit log and its keys, with or without a server running on the same data.",
        subcommands: [InitRoot.self, Rotate.self, Revoke.self, Fsck.self, Compare.self])
}
