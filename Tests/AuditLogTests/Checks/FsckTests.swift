import Audit
import Database
import TestSupport
import Testing

@testable import AuditLog

/// Leaves 0 to 3 are keys, all others records of three tenants in turn; a checkpoint covers the first 240 of 300.
@Suite struct FsckTests {
    /// Something that is done to the database behind the log's back.
    struct Tampering: Sendable, CustomStringConvertible {
        let description: String
        /// Where it must be reported.
        let leafIndex: UInt64?
        let apply: @Sendable (TestInstallation) async throws -> Void

        init(
            _ description: String, at index: UInt64?,
            _ apply: @escaping @Sendable (TestInstallation) async throws -> Void
        ) {
            self.description = description
            leafIndex = index
            self.apply = apply
        }

        static func flip(_ column: String, _ table: String, at index: UInt64) -> Tampering {
            Tampering("\(table).\(column) of leaf \(index) is altered", at: index) {
                try await $0.flip(column, of: table, where: "leaf_index = \(Int64(index))")
            }
        }

        static func swap(_ table: String, _ first: Int64, _ second: Int64) -> Tampering {
            Tampering("\(table) has leaves \(first) and \(second) swapped", at: UInt64(first)) { installation in
                try await installation.swap(table, first, second)
            }
        }
    }

    static let recordColumns = [
        "record_id", "tenant", "tenant_seq", "statement", "signature", "details", "record_key", "value_digests",
    ]

    static let tamperings: [Tampering] =
        recordColumns.flatMap { [.flip($0, "audit_records", at: 100), .flip($0, "audit_records", at: 290)] }
        + [10, 239, 240, 255, 256, 270, 299].map { .flip("entry", "log_entries", at: $0) }
        + [
            .flip("envelope", "log_key_events", at: 1),
            .swap("log_entries", 10, 11), .swap("log_entries", 280, 283), .swap("log_entries", 297, 298),
            .swap("audit_records", 10, 13), .swap("audit_records", 297, 298),
            Tampering("a leaf in the middle is dropped", at: 150) { try await $0.drop("log_entries", at: 150) },
            Tampering("the last leaf is dropped", at: 299) { try await $0.drop("log_entries", at: 299) },
            Tampering("a record is dropped", at: 150) { try await $0.drop("audit_records", at: 150) },
            Tampering("the last record is dropped", at: 299) { try await $0.drop("audit_records", at: 299) },
            Tampering("a leaf is dropped with its record", at: 150) {
                try await $0.drop("audit_records", at: 150)
                try await $0.drop("log_entries", at: 150)
            },
            Tampering("a key event is dropped", at: 2) { try await $0.drop("log_key_events", at: 2) },
            Tampering("a leaf of a key is dropped", at: 2) {
                try await $0.drop("log_key_events", at: 2)
                try await $0.drop("log_entries", at: 2)
            },
            Tampering("all behind a leaf is dropped", at: 230) { installation in
                try await installation.database.execute("DELETE FROM audit_records WHERE leaf_index >= 230")
                try await installation.database.execute("DELETE FROM log_entries WHERE leaf_index >= 230")
            },
            Tampering("unsigned leaves are dropped, and a tile tells", at: 250) { installation in
                try await installation.database.execute("DELETE FROM audit_records WHERE leaf_index >= 250")
                try await installation.database.execute("DELETE FROM log_entries WHERE leaf_index >= 250")
            },
            Tampering("a record is back-dated", at: 200) { try await $0.backdate(200) },
            Tampering("a leaf is replaced by something else", at: 123) {
                try await $0.set("entry", of: "log_entries", to: [UInt8]("text".utf8), where: "leaf_index = 123")
            },
            Tampering("a tile of leaves is altered", at: 255) {
                try await $0.flip("hashes", of: "log_tiles", where: "level = 0 AND tile_index = 0")
            },
            Tampering("a tile of leaves is cut", at: 255) { try await $0.cut(level: 0, index: 0, byCount: -32) },
            Tampering("a tile of leaves is too long", at: 0) { try await $0.cut(level: 0, index: 0, byCount: 32) },
            Tampering("a tile of leaves is no row of hashes", at: 0) {
                try await $0.cut(level: 0, index: 0, byCount: -1)
            },
            Tampering("a tile of leaves is dropped", at: 0) {
                try await $0.database.execute("DELETE FROM log_tiles WHERE level = 0 AND tile_index = 0")
            },
            Tampering("a tile of leaves is added", at: 300) {
                try await $0.database.execute(
                    "INSERT INTO log_tiles SELECT 0, 7, hashes FROM log_tiles WHERE level = 0")
            },
            Tampering("the tree over the leaves is altered", at: 0) {
                try await $0.flip("hashes", of: "log_tiles", where: "level = 1")
            },
            Tampering("the tree over the leaves is too long", at: 300) {
                try await $0.cut(level: 1, index: 0, byCount: 32)
            },
            Tampering("the tree over the leaves is dropped", at: 0) {
                try await $0.database.execute("DELETE FROM log_tiles WHERE level = 1")
            },
            Tampering("a checkpoint has another root", at: nil) {
                try await $0.flip("root", of: "log_checkpoints", where: "size = 240")
            },
            Tampering("a checkpoint has another size", at: 300) {
                try await $0.flip("size", of: "log_checkpoints", where: "size = 240")
            },
            Tampering("a checkpoint has another note", at: nil) {
                try await $0.set("note", of: "log_checkpoints", to: "x", where: "size = 240")
            },
            Tampering("a checkpoint is signed by nobody", at: nil) { try await $0.unsign() },
        ]

    @Test(arguments: TestEngine.allCases)
    func `whatever is altered is found, at its leaf, and nothing is signed any more`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let made = try await installation.open()
            try await made.appendRecords(236)
            try await made.makeCheckpoint()
            try await made.appendRecords(60)
            try #require(try await made.fsck() == [])
            try await installation.backUp()
            // Engines differ in little that matters here, and checking takes its time.
            for tampering in Self.tamperings.enumerated().filter({ engine == .sqlite || $0.offset % 6 == 0 }).map(
                \.element)
            {
                try await tampering.apply(installation)
                let log = try await installation.open()
                let findings = try await log.fsck()
                #expect(!findings.isEmpty, "\(tampering)")
                #expect(findings.first?.leafIndex == tampering.leafIndex, "\(tampering): \(findings.prefix(3))")
                #expect(log.inconsistency != nil, "\(tampering)")
                await #expect(throws: AuditLogError(.inconsistent, "")) { try await log.append(.stub()) }
                await #expect(throws: AuditLogError(.inconsistent, "")) { try await log.makeCheckpoint() }
                _ = try await log.records(of: "nobody", after: 0, limit: 10)
                try await installation.restore()
            }
            #expect(try await installation.open().fsck() == [])
        }
    }

    @Test func `no more is told than somebody reads`() async throws {
        try await withInstallation(.sqlite) { installation in
            let log = try await installation.open()
            try await log.appendRecords(200)
            try await installation.database.execute("UPDATE audit_records SET tenant = tenant || 'x'")
            #expect(try await log.fsck().count == LogAudit.findingCountMax)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a log that grows while it is checked is whole`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let log = try await installation.open()
            try await log.appendRecords(Int(LogAudit.batchCount) + 10)
            let findings = try await log.fsck {
                // What goes wrong is found by the check.
                _ = try? await log.appendRecords(3)
                _ = try? await log.makeCheckpoint()
            }
            #expect(findings == [])
        }
    }
}

extension TestInstallation {
    private static let tables = ["log_key_events", "log_checkpoints", "log_tiles", "audit_records", "log_entries"]

    fileprivate func backUp() async throws {
        for table in Self.tables {
            try await database.execute("CREATE TABLE old_\(unsafeSQL: table) AS SELECT * FROM \(unsafeSQL: table)")
        }
    }

    fileprivate func restore() async throws {
        try await database.write { connection throws(DatabaseError) in
            for table in Self.tables { try connection.execute("DELETE FROM \(unsafeSQL: table)") }
            for table in Self.tables.reversed() {
                try connection.execute("INSERT INTO \(unsafeSQL: table) SELECT * FROM old_\(unsafeSQL: table)")
            }
        }
    }

    fileprivate func drop(_ table: String, at index: Int64) async throws {
        let count = try await database.execute("DELETE FROM \(unsafeSQL: table) WHERE leaf_index = \(index)")
        guard count == 1 else { throw FixtureError(message: "\(table) has no leaf \(index)") }
    }

    fileprivate func swap(_ table: String, _ first: Int64, _ second: Int64) async throws {
        try await database.write { connection throws(DatabaseError) in
            for (from, to) in [(first, 1_000_000), (second, first), (1_000_000, second)] {
                try connection.execute(
                    "UPDATE \(unsafeSQL: table) SET leaf_index = \(to) WHERE leaf_index = \(from)")
            }
        }
    }

    /// Sets the day of a record back by a year, where its statement says it.
    fileprivate func backdate(_ index: Int64) async throws {
        let row = try await database.queryOne("SELECT statement FROM audit_records WHERE leaf_index = \(index)")
        let text = String(decoding: try row?.decode("statement", as: [UInt8].self) ?? [], as: UTF8.self)
        try await set(
            "statement", of: "audit_records", to: Array(text.replacing("\"2026-", with: "\"2025-").utf8),
            where: "leaf_index = \(index)")
    }

    /// Makes a tile longer or shorter.
    fileprivate func cut(level: Int, index: Int64, byCount count: Int) async throws {
        let condition: SQL = "level = \(level) AND tile_index = \(index)"
        let row = try await database.queryOne("SELECT hashes FROM log_tiles WHERE \(condition)")
        var hashes = try row?.decode("hashes", as: [UInt8].self) ?? []
        if count < 0 { hashes.removeLast(-count) } else { hashes += [UInt8](repeating: 1, count: count) }
        try await set("hashes", of: "log_tiles", to: hashes, where: condition)
    }

    /// Alters the signature of a checkpoint and leaves the rest.
    fileprivate func unsign() async throws {
        let row = try await database.queryOne("SELECT note FROM log_checkpoints WHERE size = 240")
        let note = try row?.decode("note", as: String.self) ?? ""
        let other = note.dropLast(20) + (note.suffix(20).first == "A" ? "B" : "A") + note.suffix(19)
        try await set("note", of: "log_checkpoints", to: String(other), where: "size = 240")
    }
}
