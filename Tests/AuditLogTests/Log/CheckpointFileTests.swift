import Audit
import Database
import Foundation
import Sodium
import TestSupport
import Testing

@testable import AuditLog

@Suite struct CheckpointFileTests {
    @Test func `the last checkpoint is kept in the file`() async throws {
        try await withInstallation(.sqlite) { installation in
            let log = try await installation.open(checkpointFile: installation.checkpointFile)
            for _ in 0..<3 {
                try await log.append(.stub())
                let checkpoint = try await log.makeCheckpoint()
                #expect(try installation.savedNote() == checkpoint.note)
            }
            let files = try FileManager.default.contentsOfDirectory(atPath: installation.folder)
            #expect(files.filter { $0.hasPrefix("checkpoint") } == ["checkpoint"])
        }
    }

    @Test func `of checkpoints that are made at once the last one stays in the file`() async throws {
        try await withTwoInstallations(.sqlite) { installation, otherDatabase in
            let logs = [
                try await installation.open(checkpointFile: installation.checkpointFile),
                try await installation.open(otherDatabase, checkpointFile: installation.checkpointFile),
            ]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<24 {
                    group.addTask {
                        try await logs[number % 2].append(.stub())
                        try await logs[number % 2].makeCheckpoint()
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await logs[0].lastCheckpoint()?.note == (try installation.savedNote()))
        }
    }

    @Test func `an older checkpoint never takes the place of a later one`() async throws {
        try await withInstallation(.sqlite) { installation in
            let log = try await installation.open()
            let older = try await log.makeCheckpoint()
            try await log.append(.stub())
            let later = try await log.makeCheckpoint()
            try await CheckpointFile(path: installation.checkpointFile).write(later)
            try await CheckpointFile(path: installation.checkpointFile).write(older)
            #expect(try installation.savedNote() == later.note)
        }
    }

    @Test func `a file that could not be written is written by the next one who asks`() async throws {
        try await withInstallation(.sqlite) { installation in
            let path = installation.folder + "/elsewhere/checkpoint"
            let log = try await installation.open(checkpointFile: path)
            await #expect(throws: AuditLogError(.database, "")) { try await log.makeCheckpoint() }
            try FileManager.default.createDirectory(
                atPath: installation.folder + "/elsewhere", withIntermediateDirectories: false)
            let checkpoint = try await log.makeCheckpoint()
            #expect(try String(contentsOfFile: path, encoding: .utf8) == checkpoint.note)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a database that was put back to an earlier state is found out, and nothing is signed`(
        engine: TestEngine
    ) async throws {
        try await withInstallation(engine) { installation in
            let log = try await installation.open(checkpointFile: installation.checkpointFile)
            try await log.makeCheckpoint()
            try await log.appendRecords(5)
            try await log.makeCheckpoint()
            try await installation.cut(to: 6)
            let restored = try await installation.open(checkpointFile: installation.checkpointFile)
            #expect(restored.inconsistency?.contains("9") == true)
            await #expect(throws: AuditLogError(.inconsistent, "")) { try await restored.append(.stub()) }
            await #expect(throws: AuditLogError(.inconsistent, "")) { try await restored.makeCheckpoint() }
            #expect(try await restored.size() == 6)
            // Whoever is not told of the file can't know.
            #expect(try await installation.open().inconsistency == nil)
        }
    }

    @Test func `a database that went another way since is found out`() async throws {
        try await withInstallation(.sqlite) { installation in
            let log = try await installation.open(checkpointFile: installation.checkpointFile)
            try await log.makeCheckpoint()
            try await log.appendRecords(5)
            try await log.makeCheckpoint()
            try await installation.cut(to: 6)
            try await installation.open().appendRecords(10)
            #expect(
                try await installation.open(checkpointFile: installation.checkpointFile).inconsistency != nil)
        }
    }

    @Test func `a file that holds no checkpoint of this log stops it from signing`() async throws {
        try await withInstallation(.sqlite) { installation in
            let log = try await installation.open(checkpointFile: installation.checkpointFile)
            let note = try await log.makeCheckpoint().note
            for other in ["", "x", String(note.dropLast(9)), note.replacing(".test", with: ".else")] {
                try Data(other.utf8).write(to: URL(filePath: installation.checkpointFile))
                let opened = try await installation.open(checkpointFile: installation.checkpointFile)
                #expect(opened.inconsistency != nil, "\(other)")
            }
            try Data(note.utf8).write(to: URL(filePath: installation.checkpointFile))
            #expect(try await installation.open(checkpointFile: installation.checkpointFile).inconsistency == nil)
        }
    }
}

extension TestInstallation {
    fileprivate func savedNote() throws -> String {
        try String(contentsOfFile: checkpointFile, encoding: .utf8)
    }

    /// Takes the database back to when the log had so many leaves.
    fileprivate func cut(to size: Int64) async throws {
        try await database.write { connection throws(DatabaseError) in
            try connection.execute("DELETE FROM audit_records WHERE leaf_index >= \(size)")
            try connection.execute("DELETE FROM log_entries WHERE leaf_index >= \(size)")
            try connection.execute("DELETE FROM log_checkpoints WHERE size > \(size)")
        }
    }
}
