import Audit
import Database
import Sodium
import TestSupport
import Testing

@testable import AuditLog

@Suite struct KeyEventTests {
    @Test(arguments: TestEngine.allCases)
    func `after a rotation every process signs with the new key at once`(engine: TestEngine) async throws {
        try await withTwoInstallations(engine) { installation, otherDatabase in
            let log = try await installation.open()
            let other = try await installation.open(otherDatabase)
            let before = try await other.append(.stub())
            let asserted = try await other.append(.stub(.userAsserted))
            let keyID = try await log.rotate(.statementObserved, signedBy: installation.root)
            let after = try await other.append(.stub())
            #expect(KeyID(of: before.publicKey) != keyID)
            #expect(KeyID(of: after.publicKey) == keyID)
            #expect(try await other.append(.stub(.userAsserted)).publicKey == asserted.publicKey)
            #expect(try await other.signingKey(.gatewayObserved).keyID == keyID)
            let old = try #require(try await log.keyHistory().entry(for: KeyID(of: before.publicKey)))
            #expect(old.endedIndex == 7)
            #expect(old.revokedIndex == nil)
            #expect(try await log.fsck() == [])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a new log key signs the next checkpoint, and the old ones stay good`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let log = try await installation.open()
            let receipt = try await log.append(.stub())
            let first = try await log.makeCheckpoint()
            let keyID = try await log.rotate(.log, signedBy: installation.root)
            let second = try await log.makeCheckpoint()
            let history = try await log.keyHistory()
            #expect(history.signers(of: second.note, origin: log.origin) == [keyID])
            #expect(history.signers(of: first.note, origin: log.origin) != [keyID])
            let record = try #require(try await log.record(receipt.recordID))
            #expect(try await log.verify(record).status == .validUnwitnessed)
            #expect(try await log.fsck() == [])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a key that is revoked is replaced, and once it is out of use it only ends`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let log = try await installation.open()
            let first = KeyID(of: try await log.append(.stub()).publicKey)
            try await log.revoke(first, since: nil, reason: "lost", signedBy: installation.root)
            let second = KeyID(of: try await log.append(.stub()).publicKey)
            #expect(first != second)
            let revoked = try #require(try await log.keyHistory().entry(for: first))
            #expect(revoked.revokedIndex == 6)
            let third = try await log.rotate(.statementObserved, signedBy: installation.root)
            let size = try await log.size()
            try await log.revoke(second, since: 7, reason: "lost too", signedBy: installation.root)
            #expect(try await log.size() == size + 1)
            #expect(KeyID(of: try await log.append(.stub()).publicKey) == third)
            #expect(try await log.fsck() == [])
        }
    }

    @Test func `keys are changed by the log's own root only`() async throws {
        try await withInstallation(.sqlite) { installation in
            let log = try await installation.open()
            let stranger = try Ed25519SigningKey()
            let keyID = try await log.signingKey(.gatewayObserved).keyID
            await #expect(throws: AuditLogError(.identity, "")) {
                try await log.rotate(.statementObserved, signedBy: stranger)
            }
            await #expect(throws: AuditLogError(.identity, "")) {
                try await log.revoke(keyID, since: nil, reason: "lost", signedBy: stranger)
            }
            #expect(try await log.signingKey(.gatewayObserved).keyID == keyID)
            #expect(try await log.size() == 4)
        }
    }

    @Test func `a key that there is not, or a leaf that is to come, can't be revoked`() async throws {
        try await withInstallation(.sqlite) { installation in
            let log = try await installation.open()
            let keyID = try await log.signingKey(.gatewayObserved).keyID
            await #expect(throws: AuditLogError(.outOfRange, "")) {
                try await log.revoke(keyID, since: 4, reason: "lost", signedBy: installation.root)
            }
            await #expect(throws: AuditLogError(.outOfRange, "")) {
                try await log.revoke(
                    KeyID(of: installation.root.publicKey), since: nil, reason: "lost", signedBy: installation.root)
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `keys rotated while others append leave the log whole`(engine: TestEngine) async throws {
        try await withTwoInstallations(engine) { installation, otherDatabase in
            let log = try await installation.open()
            let other = try await installation.open(otherDatabase)
            let drafts = try (0..<40).map { _ in try TestDraft.stub() }
            let receipts = try await withThrowingTaskGroup(of: Receipt.self) { group in
                for draft in drafts { group.addTask { try await other.append(draft) } }
                for _ in 0..<3 { _ = try await log.rotate(.statementObserved, signedBy: installation.root) }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(receipts.map(\.leafIndex)).count == 40)
            #expect(try await log.fsck() == [])
            for receipt in receipts {
                let record = try #require(try await log.record(receipt.recordID))
                #expect(try await log.verify(record).status == .validUnwitnessed)
            }
        }
    }
}
