import Accounts
import AuditLog
import Database
import Inference
import Sodium
import TestSupport

@testable import APIServer

/// A fresh log in a database that has all other tables too.
func withAuditLog(_ test: (Database, AuditLog) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
        try await withDatabase(.sqlite, migrations: Installation.migrations) { database in
            let keys = KeyFolder(path: "\(folder)/secrets")
            let root = try Ed25519SigningKey()
            _ = try await AuditLog.begin(signedBy: root, origin: "log.example", in: database, folder: keys)
            try await test(database, AuditLog.open(database, folder: keys))
        }
    }
}

extension EnergyEstimates {
    static func stub() throws -> EnergyEstimates {
        try EnergyEstimates(Configuration(), Catalogue(models: [], providers: []))
    }
}
