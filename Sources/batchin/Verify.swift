import APIServer
import ArgumentParser
import Audit
import Foundation

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Verify an evidence pack, offline.",
        discussion: """
            Exits with 0 if the pack is valid, with 1 if it is not or is not trusted, and with 2 if there is nothing to \
            verify.
            """)

    @OptionGroup var shared: SharedOptions

    @Argument(help: ArgumentHelp("The pack.", valueName: "pack.json"))
    var pack: String

    @Option(help: ArgumentHelp("The roots to trust, one a line in hexadecimal; none if left out.", valueName: "file"))
    var trust: String?

    @Option(help: ArgumentHelp("A saved answer of GET /v1/vaas/pubkeys, for later revocations.", valueName: "file"))
    var keys: String?

    @Flag(help: "Print the report as JSON.")
    var json = false

    func run() throws {
        let report = try report()
        print(json ? String(decoding: CanonicalJSON.encode(report.json), as: UTF8.self) : text(of: report))
        guard report.isValid else { throw ExitCode(1) }
    }

    private func report() throws -> VerificationReport {
        do {
            let roots = try trust.map { try TrustPolicy.roots(in: String(decoding: Self.bytes(of: $0), as: UTF8.self)) }
            let events = try keys.map { try TrustPolicy.savedEvents(in: Self.bytes(of: $0)) }
            return try VerificationReport(
                on: try Self.bytes(of: pack), trusting: TrustPolicy(roots: roots ?? [], savedEvents: events ?? []))
        } catch {
            FileHandle.standardError.write(Data("Error: \(error)\n".utf8))
            throw ExitCode(2)
        }
    }

    private static func bytes(of path: String) throws -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw CommandError("\(path) can't be read")
        }
    }

    private func text(of report: VerificationReport) -> String {
        let checks = report.checks.map { check in
            let name = check.name.rawValue.padding(toLength: 24, withPad: " ", startingAt: 0)
            return "\(name) \(check.status.rawValue)" + (check.note.map { ": \($0)" } ?? "")
        }
        return ([report.status.rawValue] + checks).joined(separator: "\n")
    }
}
