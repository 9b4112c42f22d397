import Audit
import Database
import Foundation
import Sodium
import TestSupport
import Testing

@testable import AuditLog

@Suite struct CheckpointTests {
    @Test(arguments: TestEngine.allCases)
    func `a log of one size has one checkpoint, whoever asks`(engine: TestEngine) async throws {
        try await withTwoInstallations(engine) { installation, otherDatabase in
            let log = try await installation.open()
            let other = try await installation.open(otherDatabase)
            try await log.append(.stub())
            let notes = try await withThrowingTaskGroup(of: SignedCheckpoint.self) { group in
                for number in 0..<8 { group.addTask { try await (number % 2 == 0 ? log : other).makeCheckpoint() } }
                return try await group.reduce(into: Set()) { $0.insert($1.note) }
            }
            #expect(notes.count == 1)
            #expect(try await log.lastCheckpoint()?.note == notes.first)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `every checkpoint is signed by the log's key and goes on from all before`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let log = try await installation.open()
            var checkpoints = [try await log.makeCheckpoint()]
            for count in [1, 1, 3, 250, 1, 2] {
                try await log.appendRecords(count)
                checkpoints.append(try await log.makeCheckpoint())
            }
            let entry = try #require(try await log.keyHistory().active(.log))
            let name = try #require(NoteKey(name: log.origin, publicKey: entry.key))
            for new in checkpoints {
                let note = try SignedNote(new.note)
                #expect(try note.verify(by: [name]) == [name])
                #expect(try Checkpoint(text: note.text) == new.checkpoint)
                for old in checkpoints where old.size <= new.size {
                    let proof = try await log.consistencyProof(from: old.size, to: new.size)
                    #expect(
                        proof.isValid(
                            oldSize: old.size, oldRoot: old.checkpoint.root, newSize: new.size,
                            newRoot: new.checkpoint.root))
                }
            }
        }
    }

    @Test func `proofs between sizes that the log has not are refused`() async throws {
        try await withInstallation(.sqlite) { installation in
            let log = try await installation.open()
            for (from, to) in [(0, 4), (3, 2), (1, 5), (5, 5)] as [(UInt64, UInt64)] {
                await #expect(throws: AuditLogError(.outOfRange, "")) {
                    try await log.consistencyProof(from: from, to: to)
                }
            }
            #expect(try await log.consistencyProof(from: 4, to: 4).path.isEmpty)
        }
    }

    @Test func `a checkpoint is made for a leaf that has none, and never for one that there is not`() async throws {
        try await withInstallation(.sqlite) { installation in
            let log = try await installation.open()
            let first = try await log.checkpoint(covering: 2)
            #expect(first.size == 4)
            try await log.append(.stub())
            #expect(try await log.checkpoint(covering: 3).note == first.note)
            #expect(try await log.checkpoint(covering: 4).size == 5)
            await #expect(throws: AuditLogError(.outOfRange, "")) { try await log.checkpoint(covering: 5) }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `nothing is signed of a log that does not go on from its last checkpoint`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let log = try await installation.open()
            try await log.appendRecords(10)
            try await log.makeCheckpoint()
            try await log.appendRecords(10)
            try await installation.flip("entry", of: "log_entries", where: "leaf_index = 7")
            await #expect(throws: AuditLogError(.inconsistent, "")) { try await log.makeCheckpoint() }
            #expect(log.inconsistency != nil)
            await #expect(throws: AuditLogError(.inconsistent, "")) { try await log.append(.stub()) }
            #expect(try await log.size() == 24)
        }
    }
}
