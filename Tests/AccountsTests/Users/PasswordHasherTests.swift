import Database
import Testing

@testable import Accounts
@testable import Sodium

@Suite(.timeLimit(.minutes(2)))
struct PasswordHasherTests {
    private let observed = ObservedPasswords()

    private func hashes(_ count: Int, _ hasher: PasswordHasher) -> [Task<PasswordHash, any Error>] {
        (0..<count).map { _ in Task { try await hasher.hash(Password("password")) } }
    }

    @Test func `two passwords are hashed at once, the others wait`() async throws {
        let hasher = PasswordHasher(algorithm: observed.algorithm)
        var tasks: [Task<PasswordHash, any Error>] = []
        try await observed.hold {
            tasks = hashes(6, hasher)
            await until { hasher.turnstile.waitingCount == 4 && observed.seen.runningCount == 2 }
        }
        for task in tasks { _ = try await task.value }
        #expect(observed.seen.hashedCount == 6)
        #expect(observed.seen.runningCountMax == 2)
        #expect(hasher.turnstile.isEmpty)
    }

    /// Were they computed on Swift's own threads, of which there are as many as processors, nothing could let them go.
    @Test func `tasks run while passwords are hashed`() async throws {
        let hashers = (0..<16).map { _ in PasswordHasher(algorithm: observed.algorithm) }
        var tasks: [Task<PasswordHash, any Error>] = []
        try await observed.hold {
            tasks = hashers.flatMap { hashes(2, $0) }
            await until { observed.seen.runningCount == 32 }
        }
        for task in tasks { _ = try await task.value }
    }

    @Test func `when too many wait the next is refused at once`() async throws {
        let hasher = PasswordHasher(algorithm: observed.algorithm, waitingCountMax: 3)
        var tasks: [Task<PasswordHash, any Error>] = []
        try await observed.hold {
            tasks = hashes(5, hasher)
            await until { hasher.turnstile.waitingCount == 3 }
            let error = await #expect(throws: AccountsError.self) { try await hasher.hash(Password("password")) }
            #expect(error?.code == .overloaded)
            #expect(error?.retryAfterSeconds == 1)
        }
        for task in tasks { _ = try await task.value }
        _ = try await hasher.hash(Password("password"))
        #expect(observed.seen.hashedCount == 6)
    }

    @Test func `256 may wait`() {
        #expect(PasswordHasher.waitingCountMax == 256)
    }

    @Test func `a damaged hash is the database's fault, not the password's`() async throws {
        let hasher = PasswordHasher(algorithm: observed.algorithm)
        let error = await #expect(throws: AccountsError.self) {
            try await hasher.withTurn { turn throws(AccountsError) -> Bool in
                try await turn.matches(PasswordHash(storedText: "damaged canary"), "password")
            }
        }
        #expect(error?.underlying?.code == .invalidRow)
        #expect(error?.debugDescription.contains("canary") == false)
        #expect(hasher.turnstile.isEmpty)
    }

    @Test func `too little memory is an overload, not a wrong password`() async throws {
        let starved = PasswordHasher.Algorithm(
            hash: { _ throws(SodiumError) in throw SodiumError(.outOfMemory) },
            matches: { _, _ throws(SodiumError) in throw SodiumError(.outOfMemory) })
        let hasher = PasswordHasher(algorithm: starved)
        let error = await #expect(throws: AccountsError.self) { try await hasher.hash(Password("password")) }
        #expect(error?.code == .overloaded)
        #expect(error?.retryAfterSeconds == 1)
    }
}
