import Audit
import Database
import TestSupport
import Testing

@testable import AuditLog

/// Leaves 0 to 3 are keys, all others records of three tenants in turn.
@Suite struct StartCheckTests {
    @Test(arguments: TestEngine.allCases, [false, true])
    func `a log that is whole is opened and goes on`(engine: TestEngine, isSigned: Bool) async throws {
        try await withInstallation(engine) { installation in
            for count in [0, 3, 248, 2, 300] {
                let log = try await installation.open()
                #expect(log.inconsistency == nil)
                try await log.appendRecords(count)
                if isSigned { try await log.makeCheckpoint() }
            }
            let log = try await installation.open()
            #expect(log.inconsistency == nil)
            #expect(try await log.size() == 557)
            #expect(try await log.fsck() == [])
        }
    }

    @Test(arguments: [
        "record_id", "tenant", "tenant_seq", "statement", "signature", "details", "record_key", "value_digests",
    ])
    func `a record altered at the end stops the log from signing, and it can be read`(column: String) async throws {
        try await withInstallation(.sqlite) { installation in
            try await installation.open().appendRecords(20)
            try await installation.flip(column, of: "audit_records", where: "leaf_index = 22")
            let log = try await installation.open()
            #expect(log.inconsistency?.contains("leaf 22") == true, "\(log.inconsistency ?? "")")
            await #expect(throws: AuditLogError(.inconsistent, "")) { try await log.append(.stub()) }
            #expect(try await log.size() == 24)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a leaf altered, dropped or added at the end stops the log from signing`(engine: TestEngine) async throws {
        for sql in [
            "DELETE FROM log_entries WHERE leaf_index = 23",
            "DELETE FROM log_entries WHERE leaf_index = 15",
            "DELETE FROM audit_records WHERE leaf_index = 23",
            "UPDATE log_entries SET leaf_index = 24 WHERE leaf_index = 23",
            "INSERT INTO log_entries SELECT 24, entry FROM log_entries WHERE leaf_index = 23",
            "UPDATE log_entries SET entry = (SELECT entry FROM log_entries WHERE leaf_index = 22) WHERE leaf_index = 23",
        ] as [SQL] {
            try await withInstallation(engine) { installation in
                try await installation.open().appendRecords(20)
                try await installation.database.execute(sql)
                let log = try await installation.open()
                #expect(log.inconsistency != nil, "\(sql.text)")
                await #expect(throws: AuditLogError(.inconsistent, "")) { try await log.append(.stub()) }
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a tree or a checkpoint that is not that of the leaves stops the log from signing`(
        engine: TestEngine
    ) async throws {
        for sql in [
            "DELETE FROM log_tiles WHERE level = 1",
            "UPDATE log_tiles SET hashes = (SELECT root FROM log_checkpoints) WHERE level = 1",
            "UPDATE log_checkpoints SET root = (SELECT root_key FROM audit_log)",
            "UPDATE log_checkpoints SET size = size + 1000",
            "DELETE FROM log_entries WHERE leaf_index >= 270",
        ] as [SQL] {
            try await withInstallation(engine) { installation in
                let made = try await installation.open()
                try await made.appendRecords(280)
                try await made.makeCheckpoint()
                try await made.appendRecords(30)
                try await installation.database.execute(sql)
                let log = try await installation.open()
                #expect(log.inconsistency != nil, "\(sql.text)")
                await #expect(throws: AuditLogError(.inconsistent, "")) { try await log.append(.stub()) }
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a key that the root does not know stops the log from signing`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            try await installation.open().append(.stub())
            try await installation.flip("envelope", of: "log_key_events", where: "leaf_index = 1")
            let log = try await installation.open()
            #expect(log.inconsistency != nil)
            await #expect(throws: AuditLogError(.inconsistent, "")) { try await log.append(.stub()) }
        }
    }

    /// So that a start takes as long as ever, however long the log has become.
    @Test(arguments: TestEngine.allCases)
    func `a leaf in the middle is not looked at when the log is opened, but when all of it is`(
        engine: TestEngine
    ) async throws {
        try await withInstallation(engine) { installation in
            let made = try await installation.open()
            try await made.appendRecords(800)
            try await made.makeCheckpoint()
            try await installation.flip("entry", of: "log_entries", where: "leaf_index = 100")
            try await installation.flip("statement", of: "audit_records", where: "leaf_index = 101")
            let log = try await installation.open()
            #expect(log.inconsistency == nil)
            let findings = try await log.fsck()
            #expect(findings.map(\.leafIndex).contains(100))
            #expect(findings.map(\.leafIndex).contains(101))
            await #expect(throws: AuditLogError(.inconsistent, "")) { try await log.append(.stub()) }
        }
    }
}
