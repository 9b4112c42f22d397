import Audit
import AuditLog
import Foundation
import TestSupport
import Testing

@Suite struct KeyFolderTests {
    @Test func `secret keys are files that only their owner may read`() async throws {
        try await withInstallation(.sqlite) { installation in
            let folder = installation.folder + "/secrets"
            let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(try mode(of: folder) == 0o700)
            #expect(files.count == KeyRole.allCases.count)
            for file in files {
                #expect(try mode(of: "\(folder)/\(file)") == 0o600)
                #expect(try Data(contentsOf: URL(filePath: "\(folder)/\(file)")).count == 32)
            }
        }
    }

    @Test func `a log whose secret was open to others is not opened`() async throws {
        try await withInstallation(.sqlite) { installation in
            let file = try installation.secret(.statementObserved)
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file)
            await #expect(throws: AuditLogError(.keys, "")) { try await installation.open() }
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
            _ = try await installation.open()
        }
    }

    @Test(arguments: [KeyRole.statementObserved, .statementAsserted, .log])
    func `a log without the secret of a key in use is not opened`(role: KeyRole) async throws {
        try await withInstallation(.sqlite) { installation in
            try FileManager.default.removeItem(atPath: installation.secret(role))
            await #expect(throws: AuditLogError(.keys, "")) { try await installation.open() }
        }
    }

    @Test func `another key's file is not taken for a key`() async throws {
        try await withInstallation(.sqlite) { installation in
            let file = try installation.secret(.log)
            try FileManager.default.removeItem(atPath: file)
            try FileManager.default.copyItem(atPath: installation.secret(.statementAsserted), toPath: file)
            await #expect(throws: AuditLogError(.keys, "")) { try await installation.open() }
        }
    }
}

extension TestInstallation {
    /// The file of the secret of the one key that has this role.
    fileprivate func secret(_ role: KeyRole) throws -> String {
        let folder = folder + "/secrets"
        let name = try FileManager.default.contentsOfDirectory(atPath: folder)
            .first { $0.hasPrefix("audit-\(role.rawValue)-") }
        return "\(folder)/\(try #require(name))"
    }
}
