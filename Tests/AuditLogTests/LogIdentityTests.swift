import Audit
import AuditLog
import Database
import Foundation
import Sodium
import TestSupport
import Testing

@Suite struct LogIdentityTests {
    @Test(arguments: TestEngine.allCases)
    func `a log begins with one signed key for each role`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let log = try await installation.open()
            #expect(log.origin == TestInstallation.origin)
            #expect(log.root == installation.root.publicKey)
            #expect(try await log.size() == UInt64(KeyRole.allCases.count))
            let history = try await log.keyHistory()
            #expect(history.entries.map(\.role) == KeyRole.allCases)
            #expect(history.entries.allSatisfy { $0.endedIndex == nil })
            #expect(log.inconsistency == nil)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a log is begun once, and keeps its origin and root`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let isBegunAgain = try await AuditLog.begin(
                signedBy: try Ed25519SigningKey(), origin: "elsewhere.test/log", in: installation.database,
                folder: KeyFolder(path: installation.folder + "/others"))
            #expect(!isBegunAgain)
            let log = try await installation.open()
            #expect(log.origin == TestInstallation.origin)
            #expect(log.root == installation.root.publicKey)
            #expect(try await log.size() == UInt64(KeyRole.allCases.count))
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a log that is not begun can't be opened`(engine: TestEngine) async throws {
        try await withTemporaryFolder { folder in
            try await withDatabase(engine, migrations: AuditLog.migrations) { database in
                let identity = try await LogIdentity.stored(in: database)
                #expect(identity == nil)
                await #expect(throws: AuditLogError(.identity, "")) {
                    try await AuditLog.open(database, folder: KeyFolder(path: folder))
                }
            }
        }
    }

    @Test(arguments: ["", "two words", "plus+sign", "line\nbreak"])
    func `an origin that can't name a log is refused`(origin: String) async throws {
        try await withTemporaryFolder { folder in
            try await withDatabase(.sqlite, migrations: AuditLog.migrations) { database in
                let root = try Ed25519SigningKey()
                await #expect(throws: AuditLogError(.identity, "")) {
                    _ = try await AuditLog.begin(
                        signedBy: root, origin: origin, in: database, folder: KeyFolder(path: folder + "/secrets"))
                }
                let identity = try await LogIdentity.stored(in: database)
                #expect(identity == nil)
            }
        }
    }
}
