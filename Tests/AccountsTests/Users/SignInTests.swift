import Database
import Sodium
import TestSupport
import Testing

@testable import Accounts

struct SignInTests {
    private static let twelveHours: Int64 = 12 * 3600 * 1000

    @Test(arguments: TestEngine.allCases)
    func `a login opens a session of twelve hours`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let user = try await installation.store.createUser(email: "a@b", name: "A", password: "password")
            let login = try await installation.signIn.logIn(email: "A@B", password: "password")
            #expect(login.user == user)
            #expect(login.expiresAt == installation.clock.now + Self.twelveHours)
            #expect(login.token.secretText.hasPrefix("batchin_session_"))
            for (step, isAlive) in [(0, true), (Self.twelveHours - 1, true), (1, false)] {
                installation.clock.advance(by: step)
                let principal = try await installation.authenticator.authenticate(bearer: login.token.secretText)
                #expect((principal?.userID == user.id) == isAlive)
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `each login opens a session of its own`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let user = try await installation.store.createUser(email: "a@b", name: "", password: "password")
            let logins = [
                try await installation.signIn.logIn(email: "a@b", password: "password"),
                try await installation.signIn.logIn(email: "a@b", password: "password"),
            ]
            #expect(logins[0].token.secretText != logins[1].token.secretText)
            for login in logins {
                let principal = try await installation.authenticator.authenticate(bearer: login.token.secretText)
                #expect(principal?.userID == user.id)
            }
        }
    }

    /// Time can't be asserted, but work can: each costs one comparison with a hash of equal parameters.
    @Test(arguments: TestEngine.allCases)
    func `a wrong address, a wrong password and a missing one get the same answer for the same work`(
        engine: TestEngine
    ) async throws {
        try await withInstallation(engine) { installation in
            _ = try await installation.store.createUser(email: "a@b", name: "", password: "password")
            _ = try await installation.store.findOrCreateUser(email: "operated@b")
            var answers: Set<String> = []
            let attempts = [("a@b", "Password"), ("nobody@b", "password"), ("operated@b", "password"), ("a@b", "")]
            for (email, password) in attempts {
                let before = installation.passwords.seen.compared.count
                let error = await #expect(throws: AccountsError.self) {
                    try await installation.signIn.logIn(email: email, password: password)
                }
                #expect(error?.code == .invalidCredentials)
                answers.insert("\(error?.description ?? "") \(error?.debugDescription ?? "")")
                #expect(installation.passwords.seen.compared.count == before + 1)
            }
            #expect(answers.count == 1)
            let parameters = installation.passwords.seen.compared.map { $0.text.split(separator: "$").prefix(3) }
            #expect(Set(parameters) == [["argon2id", "v=19", "m=19456,t=2,p=1"]])
            let rows = try await installation.database.query("SELECT failure_count FROM login_failures")
            #expect(rows.count == 3)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `the hash that stands in for a missing one opens nothing`(engine: TestEngine) async throws {
        try await withMasterKey { masterKey in
            try await withDatabase(engine, migrations: AccountStore.migrations) { database in
                let agreeable = PasswordHasher.Algorithm(
                    hash: { _ throws(SodiumError) in .matchingNothing }, matches: { _, _ throws(SodiumError) in true })
                let passwords = PasswordHasher(algorithm: agreeable)
                let store = AccountStore(database: database, masterKey: masterKey, passwords: passwords)
                _ = try await store.findOrCreateUser(email: "operated@b")
                for email in ["operated@b", "nobody@b"] {
                    await #expect(throws: AccountsError(.invalidCredentials, "")) {
                        try await SignIn(accounts: store).logIn(email: email, password: "password")
                    }
                }
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `text that is no address is refused as such`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            await #expect(throws: AccountsError(.invalidEmail, "")) {
                try await installation.signIn.logIn(email: "nobody", password: "password")
            }
            #expect(installation.passwords.seen.compared.isEmpty)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `the database holds no token and no address that was tried, only hashes`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            _ = try await installation.store.createUser(email: "a@b", name: "", password: "password")
            let token = try await installation.signIn.logIn(email: "a@b", password: "password").token.secretText
            await #expect(throws: AccountsError.self) {
                try await installation.signIn.logIn(email: "canary@b", password: "password")
            }
            let sessions = try await installation.database.query("SELECT * FROM sessions")
            let failures = try await installation.database.query("SELECT * FROM login_failures")
            #expect(!"\(sessions)".contains(token))
            #expect(!"\(failures)".contains("canary"))
            #expect(try sessions[0].decode("token_hash", as: [UInt8].self).count == 32)
            #expect(try failures[0].decode("address_hash", as: [UInt8].self).count == 32)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a login clears expired sessions away, and no others`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let signIn = installation.signIn
            for email in ["a@b", "c@d"] {
                _ = try await installation.store.createUser(email: email, name: "", password: "password")
            }
            _ = try await signIn.logIn(email: "a@b", password: "password")
            installation.clock.advance(by: 1)
            let alive = try await signIn.logIn(email: "a@b", password: "password")
            installation.clock.advance(by: Self.twelveHours - 1)
            _ = try await signIn.logIn(email: "c@d", password: "password")
            let rows = try await installation.database.query("SELECT expires_at FROM sessions ORDER BY expires_at")
            let ends = try rows.map { try $0.decode("expires_at", as: Int64.self) }
            #expect(ends == [alive.expiresAt, installation.clock.now + Self.twelveHours])
        }
    }
}
