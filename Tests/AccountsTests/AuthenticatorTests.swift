import Database
import Foundation
import TestSupport
import Testing

@testable import Accounts

struct AuthenticatorTests {
    /// Makes the last commit look old, so that accepted keys are remembered at once.
    private func age(_ folder: String) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1_600_000_000)],
            ofItemAtPath: folder + "/test.db-wal")
    }

    /// Two processes on one data folder, with one clock.
    private func withTwoProcesses(
        _ body: (Installation, Installation, _ folder: String) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let one = try await Installation(folder: folder)
            let other = try await Installation(folder: folder, clock: one.clock)
            try await body(one, other, folder)
        }
    }

    @Test func `a key speaks for its owner, with its scopes`() async throws {
        try await withInstallation { installation in
            let user = try await installation.store.findOrCreateUser(email: "a@b")
            let made = try await installation.store.createKey(
                forUser: user.id, name: "", scopes: ScopeSet(.tracesRead))
            let principal = try await installation.authenticator.authenticate(bearer: made.key.secretText)
            let expected = Principal(userID: user.id, keyID: made.record.id, scopes: ScopeSet(.tracesRead))
            #expect(principal == expected)
        }
    }

    @Test func `unknown, mistyped, revoked and expired keys are refused alike`() async throws {
        try await withInstallation { installation in
            let clock = installation.clock
            var generator = SystemRandomNumberGenerator()
            let unknown = APIKey(using: &generator)
            let revoked = try await installation.makeKey()
            _ = try await installation.store.revokeKey(revoked.record.id.description)
            let expired = try await installation.makeKey(expiresAt: clock.now + 10)
            clock.advance(by: 10)
            let bearers = [unknown, revoked.key, expired.key].map(\.secretText) + ["", "batchin_api_", "é", "\0"]
            for bearer in bearers {
                let principal = try await installation.authenticator.authenticate(bearer: bearer)
                #expect(principal == nil)
            }
        }
    }

    @Test func `a mistyped key is refused without asking the database`() async throws {
        try await withInstallation { installation in
            let text = try await installation.makeKey().key.secretText
            try await installation.database.execute("DROP TABLE api_keys")
            let mistyped = text.dropLast() + (text.hasSuffix("0") ? "1" : "0")
            let principal = try await installation.authenticator.authenticate(bearer: String(mistyped))
            #expect(principal == nil)
            let error = await #expect(throws: AccountsError.self) {
                try await installation.authenticator.authenticate(bearer: text)
            }
            #expect(error?.code == .database)
            #expect(error?.underlying != nil)
            #expect(error.map { "\($0)" + $0.debugDescription }?.contains("batchin_api_") == false)
        }
    }

    @Test func `a key made or revoked by one process is known to the other at its next request`() async throws {
        try await withTwoProcesses { one, other, folder in
            for _ in 0..<20 {
                let made = try await one.makeKey()
                for isRemembered in [false, true] {
                    if isRemembered { try age(folder) }
                    let accepted = try await other.authenticator.authenticate(bearer: made.key.secretText)
                    #expect(accepted?.keyID == made.record.id)
                }
                _ = try await one.store.revokeKey(made.record.id.description)
                let refused = try await other.authenticator.authenticate(bearer: made.key.secretText)
                #expect(refused == nil)
            }
        }
    }

    @Test func `an unknown key that is made a moment later works at once`() async throws {
        try await withTwoProcesses { one, other, folder in
            let made = try await one.makeKey()
            let rows = try await one.database.query("SELECT key_hash FROM api_keys")
            let hash = try rows[0].decode("key_hash", as: [UInt8].self)
            try await one.database.execute("UPDATE api_keys SET key_hash = \([UInt8](repeating: 0, count: 32))")
            try age(folder)
            let unknown = try await other.authenticator.authenticate(bearer: made.key.secretText)
            #expect(unknown == nil)
            try await one.database.execute("UPDATE api_keys SET key_hash = \(hash)")
            let known = try await other.authenticator.authenticate(bearer: made.key.secretText)
            #expect(known?.keyID == made.record.id)
        }
    }

    @Test func `an accepted key is remembered for less than a second`() async throws {
        try await withTemporaryFolder { folder in
            let installation = try await Installation(folder: folder)
            let bearer = try await installation.makeKey().key.secretText
            try age(folder)
            let first = try await installation.authenticator.authenticate(bearer: bearer)
            try await revokeUnseen(folder, installation)
            installation.clock.advance(by: 999)
            let remembered = try await installation.authenticator.authenticate(bearer: bearer)
            #expect(remembered == first && first != nil)
            installation.clock.advance(by: 1)
            let refused = try await installation.authenticator.authenticate(bearer: bearer)
            #expect(refused == nil)
        }
    }

    @Test func `a clock set back makes nothing remembered for longer`() async throws {
        try await withTemporaryFolder { folder in
            let installation = try await Installation(folder: folder)
            let bearer = try await installation.makeKey().key.secretText
            try age(folder)
            _ = try await installation.authenticator.authenticate(bearer: bearer)
            try await revokeUnseen(folder, installation)
            installation.clock.advance(by: -1)
            let refused = try await installation.authenticator.authenticate(bearer: bearer)
            #expect(refused == nil)
        }
    }

    @Test func `a remembered key still expires on the millisecond`() async throws {
        try await withTemporaryFolder { folder in
            let installation = try await Installation(folder: folder)
            let bearer = try await installation.makeKey(expiresAt: installation.clock.now + 500).key.secretText
            try age(folder)
            for (step, accepted) in [(0, true), (499, true), (1, false)] {
                installation.clock.advance(by: Int64(step))
                let principal = try await installation.authenticator.authenticate(bearer: bearer)
                #expect((principal != nil) == accepted)
            }
        }
    }

    /// Revokes all keys in a transaction that the token does not show: the log gets its old size and time back.
    private func revokeUnseen(_ folder: String, _ installation: Installation) async throws {
        let log = folder + "/test.db-wal"
        let size = try #require(FileManager.default.attributesOfItem(atPath: log)[.size] as? UInt64)
        try await installation.database.execute("UPDATE api_keys SET revoked_at = 1")
        try await checkpoint(databaseAt: folder + "/test.db")
        let file = try FileHandle(forWritingTo: URL(filePath: log))
        try file.truncate(atOffset: size)
        try file.close()
        try age(folder)
    }
}
