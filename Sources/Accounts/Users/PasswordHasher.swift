import Database
import Dispatch
import Sodium

/// Hashes passwords and compares them with hashes: two at once, since each takes a processor and 19 MiB for tens of
/// milliseconds, and each on a thread of its own, since it blocks.
///
/// Copies share the limit; a process makes one.
package struct PasswordHasher: Sendable {
    /// The two computations, which block.
    struct Algorithm: Sendable {
        let hash: @Sendable (_ password: String) throws(SodiumError) -> PasswordHash
        let matches: @Sendable (_ hash: PasswordHash, _ password: String) throws(SodiumError) -> Bool

        static let argon2id = Algorithm(
            hash: { password throws(SodiumError) in try PasswordHash(hashing: password) },
            matches: { hash, password throws(SodiumError) in try hash.matches(password) })
    }

    /// The right to compute, for as long as it lasts.
    struct Turn {
        fileprivate let algorithm: Algorithm

        func matches(_ hash: PasswordHash, _ password: String) async throws(AccountsError) -> Bool {
            try await PasswordHasher.onOwnThread { [algorithm] () throws(SodiumError) in
                try algorithm.matches(hash, password)
            }
        }
    }

    private let algorithm: Algorithm
    let turnstile: Turnstile

    static let runningCountMax = 2
    static let waitingCountMax = 256

    package init() {
        self.init(algorithm: .argon2id)
    }

    init(algorithm: Algorithm, waitingCountMax: Int = Self.waitingCountMax) {
        self.algorithm = algorithm
        turnstile = Turnstile(insideCountMax: Self.runningCountMax, waitingCountMax: waitingCountMax)
    }

    /// - Throws: `overloaded`; `database`, with a cancelled read beneath, if the task is cancelled while it waits.
    func hash(_ password: Password) async throws(AccountsError) -> PasswordHash {
        try await turnstile.pass { () throws(AccountsError) in
            try await Self.onOwnThread { [algorithm] () throws(SodiumError) in try algorithm.hash(password.text) }
        }
    }

    /// Runs `body` while at most one other computes.
    ///
    /// - Throws: What `body` throws, and what `hash` does.
    func withTurn<Value: Sendable>(
        _ body: (Turn) async throws(AccountsError) -> Value
    ) async throws(AccountsError) -> Value {
        try await turnstile.pass { () throws(AccountsError) in try await body(Turn(algorithm: algorithm)) }
    }

    /// A computation can't be stopped half-way, so a cancelled task waits for it like any other.
    private static func onOwnThread<Value: Sendable>(
        _ compute: @escaping @Sendable () throws(SodiumError) -> Value
    ) async throws(AccountsError) -> Value {
        let outcome: Result<Value, SodiumError> = await withCheckedContinuation { continuation in
            DispatchQueue(label: "passwords").async {
                continuation.resume(returning: Result { () throws(SodiumError) in try compute() })
            }
        }
        do {
            return try outcome.get()
        } catch {
            throw AccountsError(error)
        }
    }
}

extension AccountsError {
    fileprivate init(_ error: SodiumError) {
        switch error.code {
        case .outOfMemory, .unavailable:
            self.init(.overloaded, "passwords can't be checked now", detail: error.message, retryAfterSeconds: 1)
        case .malformedHash:
            self.init(DatabaseError(.invalidRow, error.message))
        }
    }
}
