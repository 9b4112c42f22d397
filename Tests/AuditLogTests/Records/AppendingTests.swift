import Audit
import Database
import Sodium
import TestSupport
import Testing

@testable import AuditLog

@Suite struct AppendingTests {
    @Test(arguments: TestEngine.allCases)
    func `records of many tasks have every index and every number once, and name the one before`(
        engine: TestEngine
    ) async throws {
        try await withInstallation(engine) { installation in
            let log = try await installation.open()
            let receipts = try await appended(to: [log], count: 60)
            let stored = try await installation.check(receipts, startingAt: 4)
            #expect(stored == 60)
            #expect(try await log.fsck() == [])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `two processes append to one log`(engine: TestEngine) async throws {
        try await withTwoInstallations(engine) { installation, otherDatabase in
            let log = try await installation.open()
            let other = try await installation.open(otherDatabase)
            let receipts = try await appended(to: [log, other], count: 24)
            #expect(try await installation.check(receipts, startingAt: 4) == 24)
            #expect(try await other.fsck() == [])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a record whose transaction is undone leaves nothing, and the next one takes its place`(
        engine: TestEngine
    ) async throws {
        try await withInstallation(engine) { installation in
            let log = try await installation.open()
            let first = try await log.append(.stub())
            await #expect(throws: AuditLogError(.database, "")) {
                try await log.append(.stub()) { _, _ throws(DatabaseError) in throw DatabaseError(.other, "no") }
            }
            #expect(try await log.size() == first.leafIndex + 1)
            let next = try await log.append(.stub())
            #expect(next.leafIndex == first.leafIndex + 1)
            #expect(next.sequence == 2)
            #expect(next.previousReceipt == ReceiptChain.digest(after: first.signature))
            #expect(log.inconsistency == nil)
            #expect(try await log.fsck() == [])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `records beside ones that are undone are stored whole`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let log = try await installation.open()
            let drafts = try (0..<40).map { (number: $0, draft: try TestDraft.stub(tenant: "tenant-\($0 % 3)")) }
            let receipts = await withTaskGroup(of: Receipt?.self) { group in
                for (number, draft) in drafts {
                    group.addTask {
                        // Every fourth is undone.
                        try? await log.append(draft) { _, _ throws(DatabaseError) in
                            if number.isMultiple(of: 4) { throw DatabaseError(.other, "no") }
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(receipts.count { $0 == nil } == 10)
            #expect(try await installation.check(receipts.compactMap(\.self), startingAt: 4) == 30)
            #expect(try await log.fsck() == [])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a record that was stored already is not stored again, and has the same receipt`(
        engine: TestEngine
    ) async throws {
        try await withInstallation(engine) { installation in
            let log = try await installation.open()
            let draft = try TestDraft.stub(.userAsserted)
            let first = try await log.append(draft)
            _ = try await log.rotate(.statementAsserted, signedBy: installation.root)
            try await log.append(.stub(.userAsserted))
            let again = try await log.append(draft) { _, _ throws(DatabaseError) in
                throw DatabaseError(.other, "what is stored with a record is stored once")
            }
            #expect(again == first)
            #expect(try await log.records(of: "ada", after: 0, limit: 10).count == 2)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a tenant's records are listed from any number on`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let log = try await installation.open()
            for number in 0..<6 { try await log.append(.stub(tenant: number == 3 ? "other" : "ada")) }
            #expect(try await log.records(of: "ada", after: 0, limit: 3).map(\.sequence) == [1, 2, 3])
            #expect(try await log.records(of: "ada", after: 3, limit: 3).map(\.sequence) == [4, 5])
            #expect(try await log.records(of: "ada", after: 5, limit: 3).isEmpty)
            #expect(try await log.records(of: "nobody", after: 0, limit: 3).isEmpty)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a record is found by its id`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let log = try await installation.open()
            let receipt = try await log.append(.stub(tenant: "grace"))
            let record = try #require(try await log.record(receipt.recordID))
            #expect(record.leafIndex == receipt.leafIndex)
            #expect(record.tenant == "grace")
            #expect(record.signature == receipt.signature)
            #expect(try await log.record(TestDraft.stub().draft.recordID) == nil)
        }
    }

    /// Appends records of three tenants to these logs in turn, all at once.
    private func appended(to logs: [AuditLog], count: Int) async throws -> [Receipt] {
        let drafts = try (0..<count).map {
            try TestDraft.stub($0.isMultiple(of: 5) ? .userAsserted : .gatewayObserved, tenant: "tenant-\($0 % 3)")
        }
        return try await withThrowingTaskGroup(of: Receipt.self) { group in
            for (number, draft) in drafts.enumerated() {
                let log = logs[number % logs.count]
                group.addTask { try await log.append(draft) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}

extension TestInstallation {
    /// Compares receipts with what they promise; returns how many there are.
    fileprivate func check(_ receipts: [Receipt], startingAt start: UInt64) async throws -> Int {
        let receipts = receipts.sorted { $0.leafIndex < $1.leafIndex }
        #expect(receipts.map(\.leafIndex) == Array(start..<start + UInt64(receipts.count)))
        let log = try await open()
        var chains: [String: (sequence: Int64, receipt: SHA256Digest)] = [:]
        for receipt in receipts {
            let record = try #require(try await log.record(receipt.recordID))
            #expect(record.leafIndex == receipt.leafIndex)
            #expect(record.sequence == receipt.sequence)
            #expect(record.signature == receipt.signature)
            let last = chains[record.tenant] ?? (0, ReceiptChain.startDigest)
            #expect(receipt.sequence == last.sequence + 1)
            #expect(receipt.previousReceipt == last.receipt)
            chains[record.tenant] = (receipt.sequence, ReceiptChain.digest(after: receipt.signature))
        }
        return receipts.count
    }
}
