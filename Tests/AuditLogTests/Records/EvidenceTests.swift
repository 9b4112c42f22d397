import Audit
import Database
import Sodium
import TestSupport
import Testing

@testable import AuditLog

@Suite struct EvidenceTests {
    @Test(arguments: TestEngine.allCases)
    func `every pack, public or open, is valid to whoever trusts the root`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let log = try await installation.open()
            for number in 0..<5 {
                try await log.append(.stub(number == 2 ? .userAsserted : .gatewayObserved, tenant: "ada"))
                if number == 1 { try await log.makeCheckpoint() }
            }
            for record in try await log.records(of: "ada", after: 0, limit: 10) {
                for isOpen in [false, true] {
                    let evidence = try await log.evidence(for: record, isOpen: isOpen)
                    let report = try VerificationReport(
                        on: CanonicalJSON.encode(.object(evidence.pack)),
                        trusting: TrustPolicy(roots: [installation.root.publicKey]))
                    #expect(report.status == .validUnwitnessed)
                    #expect(report.recordID == record.recordID)
                    #expect(report[.openings] == (isOpen ? .pass : .notPresent))
                    #expect(evidence.size > record.leafIndex)
                }
                #expect(try await log.verify(record).status == .validUnwitnessed)
            }
        }
    }

    @Test func `a pack is not valid to whoever trusts another root`() async throws {
        try await withInstallation(.sqlite) { installation in
            let log = try await installation.open()
            let receipt = try await log.append(.stub())
            let record = try #require(try await log.record(receipt.recordID))
            let pack = try await log.evidence(for: record, isOpen: false).pack
            let report = try VerificationReport(
                on: CanonicalJSON.encode(.object(pack)),
                trusting: TrustPolicy(roots: [try Ed25519SigningKey().publicKey]))
            #expect(report[.keyTrusted] == .fail)
        }
    }

    @Test func `a record that was altered where it is stored is not valid`() async throws {
        try await withInstallation(.sqlite) { installation in
            let log = try await installation.open()
            let receipt = try await log.append(.stub())
            try await installation.flip("signature", of: "audit_records", where: "leaf_index = 4")
            let record = try #require(try await log.record(receipt.recordID))
            #expect(try await !log.verify(record).isValid)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `records of a rotated key stay good, and a key that was lost makes them suspect or bad`(
        engine: TestEngine
    ) async throws {
        try await withInstallation(engine) { installation in
            let log = try await installation.open()
            let first = try await log.append(.stub())  // leaf 4
            let second = try await log.append(.stub())  // leaf 5
            let old = KeyID(of: first.publicKey)
            _ = try await log.rotate(.statementObserved, signedBy: installation.root)
            let third = try await log.append(.stub())
            #expect(try await log.status(of: first) == .validUnwitnessed)
            try await log.revoke(old, since: second.leafIndex, reason: "stolen", signedBy: installation.root)
            #expect(try await log.status(of: first) == .validUnwitnessed)
            #expect(try await log.status(of: second) == .suspect)
            #expect(try await log.status(of: third) == .validUnwitnessed)
            #expect(try await log.fsck() == [])
        }
    }
}

extension AuditLog {
    /// What a stranger with the pack comes to.
    fileprivate func status(of receipt: Receipt) async throws -> VerificationReport.Status {
        let record = try #require(try await record(receipt.recordID))
        return try await verify(record).status
    }
}
