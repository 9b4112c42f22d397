import Database
import TestSupport
import Testing

@testable import Accounts

struct UserStoreTests {
    @Test(arguments: TestEngine.allCases)
    func `a user is made once by the command line, whatever the case of the address`(
        engine: TestEngine
    ) async throws {
        try await withInstallation(engine) { installation in
            let made = try await installation.store.findOrCreateUser(email: "Alice@Example.com")
            installation.clock.advance(by: 5)
            let found = try await installation.store.findOrCreateUser(email: "aLICE@eXAMPLE.COM")
            #expect(made == found)
            #expect(made.email == "alice@example.com")
            let looked = try await installation.store.user(email: "ALICE@example.com")
            #expect(looked == made)
            let unknown = try await installation.store.user(email: "bob@example.com")
            #expect(unknown == nil)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a user signs up and is found by id and by address`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let store = installation.store
            let made = try await store.createUser(email: "Alice@Example.com", name: "Alice Ünal", password: "password")
            #expect(made.email == "alice@example.com")
            #expect(made.name == "Alice Ünal")
            #expect(made.createdAt == installation.clock.now)
            let byID = try await store.user(id: made.id)
            #expect(byID == made)
            let byAddress = try await store.user(email: "ALICE@example.com")
            #expect(byAddress == made)
            let found = try await store.findOrCreateUser(email: "alice@example.com")
            #expect(found == made)
            let nobody = try await store.user(id: UserID(try #require(UUIDv7("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"))))
            #expect(nobody == nil)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `SQL in an address is just text`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let email = "'||(select/**/1))--@x');drop/**/table/**/users;--"
            let user = try await installation.store.findOrCreateUser(email: email)
            #expect(user.email == email)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a taken address stays with whoever has it, and costs no hashing`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let store = installation.store
            let first = try await store.createUser(email: "a@b", name: "first", password: "first password")
            let operated = try await store.findOrCreateUser(email: "operated@b")
            for email in ["a@b", "A@B", "operated@b"] {
                await #expect(throws: AccountsError(.emailTaken, "")) {
                    try await store.createUser(email: email, name: "second", password: "second password")
                }
            }
            #expect(installation.passwords.seen.hashedCount == 1)
            for user in [first, operated] {
                let kept = try await store.user(email: user.email)
                #expect(kept == user)
                await #expect(throws: AccountsError(.invalidCredentials, "")) {
                    try await installation.signIn.logIn(email: user.email, password: "second password")
                }
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `of many who want an address at once one gets it`(engine: TestEngine) async throws {
        try await withTwoProcesses(engine) { one, other in
            let outcomes = await withTaskGroup(of: Result<User, AccountsError>.self) { group in
                for number in 0..<8 {
                    group.addTask { () async -> Result<User, AccountsError> in
                        let store = (number % 2 == 0 ? one : other).store
                        do throws(AccountsError) {
                            return .success(
                                try await store.createUser(
                                    email: "a@b", name: "\(number)", password: "password \(number)"))
                        } catch {
                            return .failure(error)
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let users = outcomes.compactMap { try? $0.get() }
            let refusals = outcomes.filter { $0 == .failure(AccountsError(.emailTaken, "")) }
            #expect(users.count == 1)
            #expect(refusals.count == 7)
            let user = try await one.store.user(email: "a@b")
            #expect(user == users.first)
            let login = try await other.signIn.logIn(email: "a@b", password: "password \(users[0].name)")
            #expect(login.user == users[0])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a password has 8 to 1024 bytes`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let rightOnes = ["12345678", "éééé", "a\0b\0c\0d\0", String(repeating: "é", count: 512)]
            for (number, password) in rightOnes.enumerated() {
                let user = try await installation.store.createUser(
                    email: "\(number)@b", name: "", password: password)
                let login = try await installation.signIn.logIn(email: "\(number)@b", password: password)
                #expect(login.user == user)
            }
            for password in ["", "1234567", "ééé", String(repeating: "a", count: 1025)] {
                await #expect(throws: AccountsError(.invalidPassword, "")) {
                    try await installation.store.createUser(email: "new@b", name: "", password: password)
                }
            }
            let nobody = try await installation.store.user(email: "new@b")
            #expect(nobody == nil)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a name has at most 256 bytes and no control characters`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let store = installation.store
            for (number, name) in ["", String(repeating: "é", count: 128), "<b>&\"'; --"].enumerated() {
                let user = try await store.createUser(email: "\(number)@b", name: name, password: "password")
                #expect(user.name == name)
            }
            for name in [String(repeating: "é", count: 128) + "a", "a\0", "a\nb", "\u{7F}", "\u{85}"] {
                await #expect(throws: AccountsError(.invalidName, "")) {
                    try await store.createUser(email: "new@b", name: name, password: "password")
                }
            }
            await #expect(throws: AccountsError(.invalidEmail, "")) {
                try await store.createUser(email: "new", name: "", password: "password")
            }
            await #expect(throws: AccountsError(.invalidEmail, "")) { try await store.findOrCreateUser(email: "new") }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `the database holds no password, only its Argon2id hash`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            for email in ["a@b", "c@d"] {
                _ = try await installation.store.createUser(email: email, name: "", password: "planted canary")
            }
            let rows = try await installation.database.query("SELECT * FROM users")
            #expect(!"\(rows)".contains("canary"))
            let hashes = try rows.map { try $0.decode("password_hash", as: String.self) }
            #expect(hashes.allSatisfy { $0.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$") })
            #expect(Set(hashes).count == 2)
        }
    }
}
