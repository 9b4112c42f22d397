import Database
import TestSupport
import Testing

@testable import Accounts

@Suite(.timeLimit(.minutes(2)))
struct AuthenticatorTests {
    private func logIn(_ installation: Installation) async throws -> Login {
        _ = try await installation.store.createUser(email: "person@b", name: "", password: "password")
        return try await installation.signIn.logIn(email: "person@b", password: "password")
    }

    @Test(arguments: TestEngine.allCases)
    func `a key speaks for its owner, with its scopes and limits`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let user = try await installation.store.findOrCreateUser(email: "a@b")
            let made = try await installation.store.createKey(
                forUser: user.id, name: "", scopes: ScopeSet(.tracesRead), rateLimitPerMinute: 60,
                monthlyBudgetCents: 0)
            let principal = try await installation.authenticator.authenticate(bearer: made.key.secretText)
            let expected = Principal(
                userID: user.id, credential: .key(made.record.id), scopes: ScopeSet(.tracesRead),
                monthlyBudgetCents: 0, rateLimitPerMinute: 60)
            #expect(principal == expected)
            let unlimited = try await installation.makeKey()
            let other = try await installation.authenticator.authenticate(bearer: unlimited.key.secretText)
            #expect(other == Principal(userID: user.id, credential: .key(unlimited.record.id), scopes: .all))
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a session speaks for whoever has logged in, without limits`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let login = try await logIn(installation)
            let principal = try await installation.authenticator.authenticate(bearer: login.token.secretText)
            #expect(principal == Principal(userID: login.user.id, credential: .session, scopes: .all))
            #expect(principal?.keyID == nil)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `unknown, mistyped, revoked and expired ones are refused alike`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let clock = installation.clock
            var generator = SystemRandomNumberGenerator()
            let unknown = [
                APIKey(using: &generator).secretText, SessionToken(using: &generator).secretText, "", "batchin_api_",
                "batchin_session_", "é", "\0",
            ]
            let revoked = try await installation.makeKey()
            _ = try await installation.store.revokeKey(revoked.record.id.description)
            let session = try await logIn(installation)
            clock.advance(by: session.expiresAt - clock.now - 10)
            let expired = try await installation.makeKey(expiresAt: clock.now + 10)
            clock.advance(by: 10)
            let dead = [revoked.key.secretText, expired.key.secretText, session.token.secretText]
            for bearer in unknown + dead {
                let principal = try await installation.authenticator.authenticate(bearer: bearer)
                #expect(principal == nil)
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `the owner of a key that is refused is known, and of nothing else`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            var generator = SystemRandomNumberGenerator()
            let revoked = try await installation.makeKey()
            _ = try await installation.store.revokeKey(revoked.record.id.description)
            let authenticator = installation.authenticator
            let owner = try await authenticator.owner(ofRefused: revoked.key.secretText)
            #expect(owner == revoked.record.userID)
            for text in ["", "batchin_api_", APIKey(using: &generator).secretText] {
                #expect(try await authenticator.owner(ofRefused: text) == nil)
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a mistyped key is refused without asking the database`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
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
        }
    }

    /// News from another process is there at once on SQLite, and within moments on PostgreSQL.
    @Test(arguments: TestEngine.allCases)
    func `a key made or revoked by one process is known to the other at its next request`(
        engine: TestEngine
    ) async throws {
        try await withTwoProcesses(engine) { one, other in
            for _ in 0..<20 {
                let made = try await one.makeKey()
                for _ in 0..<2 {
                    let accepted = try await other.authenticator.authenticate(bearer: made.key.secretText)
                    #expect(accepted?.keyID == made.record.id)
                }
                _ = try await one.store.revokeKey(made.record.id.description)
                if engine == .postgres {
                    try await until { try await other.authenticator.authenticate(bearer: made.key.secretText) == nil }
                }
                for process in [one, other] {
                    let refused = try await process.authenticator.authenticate(bearer: made.key.secretText)
                    #expect(refused == nil)
                }
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a deleted key is refused at the next request`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let made = try await installation.makeKey()
            let accepted = try await installation.authenticator.authenticate(bearer: made.key.secretText)
            #expect(accepted != nil)
            try await installation.store.deleteKey(made.record.id, ofUser: made.record.userID)
            let refused = try await installation.authenticator.authenticate(bearer: made.key.secretText)
            #expect(refused == nil)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `an unknown key that is made a moment later works at once`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let made = try await installation.makeKey()
            let rows = try await installation.database.query("SELECT key_hash FROM api_keys")
            let hash = try rows[0].decode("key_hash", as: [UInt8].self)
            let none = [UInt8](repeating: 0, count: 32)
            try await installation.database.execute("UPDATE api_keys SET key_hash = \(none)")
            let unknown = try await installation.authenticator.authenticate(bearer: made.key.secretText)
            #expect(unknown == nil)
            try await installation.database.execute("UPDATE api_keys SET key_hash = \(hash)")
            let known = try await installation.authenticator.authenticate(bearer: made.key.secretText)
            #expect(known?.keyID == made.record.id)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `what was accepted is remembered for less than a second`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            await installation.untilChangesAreHeard()
            let bearers = [
                try await installation.makeKey().key.secretText, try await logIn(installation).token.secretText,
            ]
            var first: [Principal?] = []
            for bearer in bearers { first.append(try await installation.authenticator.authenticate(bearer: bearer)) }
            try await revokeUnannounced(installation)
            installation.clock.advance(by: 999)
            for (bearer, first) in zip(bearers, first) {
                let remembered = try await installation.authenticator.authenticate(bearer: bearer)
                #expect(remembered == first && first != nil)
            }
            installation.clock.advance(by: 1)
            for bearer in bearers {
                let refused = try await installation.authenticator.authenticate(bearer: bearer)
                #expect(refused == nil)
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a clock set back makes nothing remembered for longer`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            await installation.untilChangesAreHeard()
            let bearer = try await installation.makeKey().key.secretText
            _ = try await installation.authenticator.authenticate(bearer: bearer)
            try await revokeUnannounced(installation)
            installation.clock.advance(by: -1)
            let refused = try await installation.authenticator.authenticate(bearer: bearer)
            #expect(refused == nil)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `what is remembered still expires on the millisecond`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            await installation.untilChangesAreHeard()
            let session = try await logIn(installation)
            installation.clock.advance(by: session.expiresAt - installation.clock.now - 500)
            let key = try await installation.makeKey(expiresAt: session.expiresAt)
            for (step, accepted) in [(0, true), (499, true), (1, false)] {
                installation.clock.advance(by: Int64(step))
                for bearer in [key.key.secretText, session.token.secretText] {
                    let principal = try await installation.authenticator.authenticate(bearer: bearer)
                    #expect((principal != nil) == accepted)
                }
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `at most so many are remembered, and all are accepted`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let clock = installation.clock
            let authenticator = Authenticator(
                database: installation.database, masterKey: installation.masterKey, entryCountMax: 2
            ) { clock.now }
            for _ in 0..<5 {
                let made = try await installation.makeKey()
                for _ in 0..<2 {
                    let principal = try await authenticator.authenticate(bearer: made.key.secretText)
                    #expect(principal?.keyID == made.record.id)
                    #expect((1...2).contains(authenticator.entryCount))
                }
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `only what ends a key is news to everybody`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            await installation.untilChangesAreHeard()
            var token = installation.database.changeToken(for: .credentials)
            let keys = [try await installation.makeKey().record, try await installation.makeKey().record]
            _ = try await logIn(installation)
            #expect(installation.database.changeToken(for: .credentials) == token)
            for revoke in [
                { try await installation.store.deleteKey(keys[0].id, ofUser: keys[0].userID) },
                { _ = try await installation.store.revokeKey(keys[1].prefix) },
            ] {
                try await revoke()
                #expect(installation.database.changeToken(for: .credentials) != token)
                token = installation.database.changeToken(for: .credentials)
            }
        }
    }

    /// Ends all keys and sessions behind everybody's back.
    private func revokeUnannounced(_ installation: Installation) async throws {
        try await installation.database.execute("UPDATE api_keys SET revoked_at = 1")
        try await installation.database.execute("DELETE FROM sessions")
    }
}
