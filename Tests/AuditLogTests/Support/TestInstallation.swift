import Audit
import AuditLog
import Database
import Foundation
import Sodium
import TestSupport

/// A log that is begun, in a database of its own, with its keys in a folder.
struct TestInstallation {
    static let origin = "batchin.test/vaas/log"

    let database: Database
    let folder: String
    let root: Ed25519SigningKey

    var keys: KeyFolder { KeyFolder(path: folder + "/secrets") }
    var checkpointFile: String { folder + "/checkpoint" }

    /// Opens the log as another process would.
    func open(_ database: Database? = nil, checkpointFile: String? = nil) async throws -> AuditLog {
        try await AuditLog.open(database ?? self.database, folder: keys, checkpointFile: checkpointFile)
    }

    /// Overwrites a value of one row.
    func set(
        _ column: String, of table: String, to value: some SQLEncodable & Sendable, where condition: SQL
    ) async throws {
        let count = try await database.execute(
            "UPDATE \(unsafeSQL: table) SET \(unsafeSQL: column) = \(value) WHERE \(condition)")
        guard count == 1 else { throw FixtureError(message: "\(count) rows of \(table) were changed") }
    }

    /// Alters a stored value a little.
    func flip(_ column: String, of table: String, where condition: SQL) async throws {
        let row = try await database.queryOne(
            "SELECT \(unsafeSQL: column) AS value FROM \(unsafeSQL: table) WHERE \(condition)")
        guard let row else { throw FixtureError(message: "\(table) has no such row") }
        if let bytes = try? row.decode("value", as: [UInt8].self) {
            try await set(column, of: table, to: bytes.flipped, where: condition)
        } else if let text = try? row.decode("value", as: String.self) {
            try await set(column, of: table, to: text + "x", where: condition)
        } else {
            try await set(column, of: table, to: try row.decode("value", as: Int64.self) ^ 1 << 40, where: condition)
        }
    }
}

extension [UInt8] {
    fileprivate var flipped: [UInt8] {
        var bytes = self
        bytes[bytes.count - 1] ^= 1
        return bytes
    }
}

struct FixtureError: Error {
    let message: String
}

/// Runs a test with a fresh log on this engine.
func withInstallation(_ engine: TestEngine, _ body: (TestInstallation) async throws -> Void) async throws {
    try await withTwoInstallations(engine) { installation, _ in try await body(installation) }
}

/// Runs a test with a fresh log, and its database opened a second time, as another process would.
func withTwoInstallations(
    _ engine: TestEngine, _ body: (TestInstallation, Database) async throws -> Void
) async throws {
    try await withTemporaryFolder { folder in
        try await withTwoDatabases(engine, migrations: AuditLog.migrations) { first, second in
            let installation = TestInstallation(database: first, folder: folder, root: try Ed25519SigningKey())
            let isBegun = try await AuditLog.begin(
                signedBy: installation.root, origin: TestInstallation.origin, in: first, folder: installation.keys)
            guard isBegun else { throw FixtureError(message: "somebody else has begun the log") }
            try await body(installation, second)
        }
    }
}
