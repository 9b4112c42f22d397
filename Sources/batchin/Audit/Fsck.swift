import APIServer
import ArgumentParser
import AuditLog

struct Fsck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check everything that is stored of the audit log against everything else.",
        discussion: "Prints what is wrong, a line each, with the index of the leaf. Exits with 1 if something is.")

    @OptionGroup var shared: SharedOptions

    func run() async throws {
        let log = try await Installation.open(shared.configuration()).audit.openExisting()
        var findings = try await log.fsck().map(\.description)
        if findings.isEmpty, let inconsistency = log.inconsistency { findings = [inconsistency] }
        for finding in findings { print(finding) }
        guard findings.isEmpty else { throw ExitCode(1) }
        print("ok, \(try await log.size()) leaves")
    }
}
