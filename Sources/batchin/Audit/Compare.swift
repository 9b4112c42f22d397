import APIServer
import ArgumentParser
import Audit
import AuditLog
import Foundation

struct Compare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare two saved checkpoints of one log.",
        discussion: """
            Exits with 0 if one log can have both, with 1 if they prove that its operator has shown two, and with 2 if \
            nothing can be said. Checkpoints of different sizes are compared by a proof: one that is given, or one out of \
            the log in the data folder.
            """)

    @OptionGroup var shared: SharedOptions

    @Argument(help: ArgumentHelp("A checkpoint.", valueName: "a"))
    var first: String

    @Argument(help: ArgumentHelp("Another.", valueName: "b"))
    var second: String

    @Option(help: ArgumentHelp("A saved answer of GET /v1/vaas/log/consistency.", valueName: "file"))
    var proof: String?

    @Option(
        help: ArgumentHelp(
            "A saved answer of GET /v1/vaas/pubkeys, to know the log's keys by without its data; needs --trust.",
            valueName: "file"))
    var keys: String?

    @Option(help: ArgumentHelp("The roots to trust, one a line in hexadecimal.", valueName: "file"))
    var trust: String?

    func run() async throws {
        do {
            let notes = [try Self.text(of: first), try Self.text(of: second)]
            let comparison = try CheckpointComparison(notes[0], notes[1])
            switch try await verdict(on: comparison) {
            case .consistent: print("consistent")
            case .contradictory:
                print("No log can have both of these checkpoints, and both are signed by it:\n")
                print(notes.joined(separator: "\n"))
                throw ExitCode(1)
            }
        } catch let code as ExitCode {
            throw code
        } catch {
            FileHandle.standardError.write(Data("Error: \(error)\n".utf8))
            throw ExitCode(2)
        }
    }

    private func verdict(on comparison: CheckpointComparison) async throws -> CheckpointComparison.Verdict {
        let proof = try proof.map { try ConsistencyProof(answer: Self.bytes(of: $0)) }
        guard keys == nil else {
            try comparison.checkSignatures(by: try savedKeys(origin: comparison.larger.origin))
            return try verdict(on: comparison, proof)
        }
        let log = try await Installation.open(shared.configuration()).audit.openExisting()
        guard comparison.larger.origin == log.origin else {
            throw CommandError("the checkpoints are not of this log, \(log.origin)")
        }
        try comparison.checkSignatures(by: try await log.keyHistory().noteKeys(origin: log.origin))
        guard comparison.needsProof, proof == nil else { return try verdict(on: comparison, proof) }
        let (old, new) = (comparison.smaller.size, comparison.larger.size)
        let verdict = comparison.verdict(
            by: try await log.consistencyProof(from: old, to: new), from: try await log.root(atSize: old))
        guard let verdict else {
            throw CommandError("the log in the data folder is not the one of the larger checkpoint")
        }
        return verdict
    }

    private func verdict(
        on comparison: CheckpointComparison, _ proof: ConsistencyProof?
    ) throws -> CheckpointComparison.Verdict {
        guard comparison.needsProof else { return comparison.verdict }
        guard let proof else { throw CommandError("checkpoints of different sizes need a proof") }
        guard let verdict = comparison.verdict(by: proof) else { throw CommandError("the proof proves nothing") }
        return verdict
    }

    /// The log's keys that a trusted root stands behind.
    private func savedKeys(origin: String) throws -> [NoteKey] {
        guard let keys, let trust else { throw CommandError("--keys needs --trust") }
        let roots = try TrustPolicy.roots(in: String(decoding: Self.bytes(of: trust), as: UTF8.self))
        let saved = try TrustPolicy.savedEvents(in: Self.bytes(of: keys))
        let events = saved.compactMap { event in roots.lazy.compactMap { try? event.verified(by: $0) }.first }
        return try KeyHistory(events: events).noteKeys(origin: origin)
    }

    private static func text(of path: String) throws -> String { String(decoding: try bytes(of: path), as: UTF8.self) }

    private static func bytes(of path: String) throws -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw CommandError("\(path) can't be read")
        }
    }
}
