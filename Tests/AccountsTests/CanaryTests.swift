import Database
import Foundation
import TestSupport
import Testing

@testable import Accounts
@testable import Sodium

/// Secrets are planted, and looked for in everything that can be printed.
struct CanaryTests {
    private static let password = "planted-canary-password"

    /// All that Swift can say about a value.
    private func printed(_ value: Any) -> String {
        var text = "\(value) \(String(describing: value)) \(String(reflecting: value))"
        dump(value, to: &text)
        return text
    }

    @Test func `no way of printing shows a secret or a hash`() async throws {
        try await withMasterKey { masterKey in
            var generator = SystemRandomNumberGenerator()
            let key = APIKey(using: &generator)
            let token = SessionToken(using: &generator)
            let hasher = KeyedHasher(masterKey: masterKey, purpose: "test")
            let hash = hasher.hash("text")
            let bytes = try #require([UInt8](sqlValue: hash.sqlValue))
            let secrets: [Any] = [
                try Password(Self.password), try PasswordHash(hashing: Self.password), key, key.secret, token,
                token.secret, hasher, hash, masterKey,
            ]
            for secret in secrets {
                for text in [printed(secret), printed([secret]), printed(Optional(secret) as Any)] {
                    #expect(text.contains("<redacted>"))
                    for canary in forms(of: bytes) + [Self.password, "batchin_", "argon2"] {
                        #expect(!text.contains(canary))
                    }
                }
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `no value that holds secrets shows them`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let store = installation.store
            let user = try await store.createUser(email: "a@b", name: "", password: Self.password)
            let login = try await installation.signIn.logIn(email: "a@b", password: Self.password)
            let made = try await store.createKey(forUser: user.id, name: "")
            for bearer in [login.token.secretText, made.key.secretText] {
                _ = try await installation.authenticator.authenticate(bearer: bearer)
            }
            installation.keyUses.recordUse(of: made.record.id)
            let canaries = try await canaries(installation) + [login.token.secretText, made.key.secretText]
            let values: [Any] = [
                user, login, made, made.record, store, store.passwords, installation.signIn,
                installation.authenticator, installation.keyUses,
            ]
            for value in values {
                let text = printed(value)
                for canary in canaries { #expect(!text.contains(canary)) }
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `no error shows what was sent or stored`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let store = installation.store
            let user = try await store.createUser(email: "a@b", name: "", password: Self.password)
            let made = try await store.createKey(forUser: user.id, name: "")
            let bearer = made.key.secretText
            let login = try await installation.signIn.logIn(email: "a@b", password: Self.password)
            let canaries = try await canaries(installation) + [bearer, login.token.secretText, "canary"]
            let calls: [() async throws -> Void] = [
                { _ = try await store.createUser(email: "a@b", name: "", password: Self.password) },
                { _ = try await store.createUser(email: "canary", name: "", password: Self.password) },
                { _ = try await store.createUser(email: "c@d", name: "canary\0", password: Self.password) },
                { _ = try await store.createUser(email: "c@d", name: "", password: "canary") },
                { _ = try await installation.signIn.logIn(email: "a@b", password: "canary") },
                { _ = try BearerSecret(parsing: bearer + "canary") },
                { _ = try BearerSecret(parsing: String(bearer.dropLast()) + "-") },
                { _ = try await store.revokeKey("canary") },
                { try await installation.database.execute("DROP TABLE sessions") },
                { _ = try await installation.signIn.logIn(email: "a@b", password: Self.password) },
                { _ = try await installation.authenticator.authenticate(bearer: login.token.secretText) },
                { try await installation.database.execute("UPDATE users SET password_hash = 'canary'") },
                { _ = try await installation.signIn.logIn(email: "a@b", password: Self.password) },
            ]
            var errorCount = 0
            for call in calls {
                do {
                    try await call()
                } catch {
                    errorCount += 1
                    let text = printed(error)
                    for canary in canaries { #expect(!text.contains(canary)) }
                }
            }
            #expect(errorCount == calls.count - 2)
        }
    }

    /// The password, and every stored hash in the forms in which bytes get printed.
    private func canaries(_ installation: Installation) async throws -> [String] {
        let database = installation.database
        var hashes: [[UInt8]] = []
        for query in ["SELECT key_hash AS hash FROM api_keys", "SELECT token_hash AS hash FROM sessions"] as [SQL] {
            hashes += try await database.query(query).map { try $0.decode("hash", as: [UInt8].self) }
        }
        #expect(!hashes.isEmpty)
        return hashes.flatMap(forms) + [Self.password, "$argon2id$"]
    }

    /// How bytes get printed: as digits of base 16 and 64, as a list, as 64-bit words.
    private func forms(of bytes: [UInt8]) -> [String] {
        let words = stride(from: 0, to: bytes.count, by: 8).map { start in
            bytes[start..<start + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        return [
            bytes.map { String(format: "%02x", $0) }.joined(), Data(bytes).base64EncodedString(),
            bytes.prefix(8).map(String.init).joined(separator: ", "),
        ] + words.map(String.init)
    }
}
