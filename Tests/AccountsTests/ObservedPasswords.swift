import Dispatch
import Sodium
import Synchronization

@testable import Accounts

/// Argon2id, watched while it computes, and held up when a test wants it.
final class ObservedPasswords: Sendable {
    struct Observations {
        var hashedCount = 0
        /// The hashes that a password was compared with.
        var compared: [PasswordHash] = []
        var runningCount = 0
        var runningCountMax = 0
    }

    private let observations = Mutex(Observations())
    /// Computations end only while nobody is in the group.
    private let holders = DispatchGroup()

    var seen: Observations { observations.withLock { $0 } }

    var algorithm: PasswordHasher.Algorithm {
        PasswordHasher.Algorithm(
            hash: { [self] password throws(SodiumError) in
                begin { $0.hashedCount += 1 }
                defer { end() }
                return try PasswordHash(hashing: password)
            },
            matches: { [self] hash, password throws(SodiumError) in
                begin { $0.compared.append(hash) }
                defer { end() }
                return try hash.matches(password)
            })
    }

    /// Keeps computations from ending while `body` runs.
    func hold(_ body: () async throws -> Void) async throws {
        holders.enter()
        defer { holders.leave() }
        try await body()
    }

    private func begin(_ note: (inout Observations) -> Void) {
        observations.withLock { observations in
            note(&observations)
            observations.runningCount += 1
            observations.runningCountMax = max(observations.runningCountMax, observations.runningCount)
        }
        holders.wait()
    }

    private func end() {
        observations.withLock { $0.runningCount -= 1 }
    }
}
