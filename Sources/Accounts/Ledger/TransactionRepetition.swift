import Database

/// Runs a transaction again when the same transaction may do better the next time.
///
/// That is so when it collided with another one, and when the connection broke, so that nobody knows whether it was
/// committed: the transaction must find out by itself whether it was, and then change nothing.
struct TransactionRepetition: Sendable {
    static let attemptCountMax = 5

    /// Waits before another attempt, given the number of attempts so far.
    var pause: @Sendable (_ attemptCount: Int) async -> Void = { attemptCount in
        // A task of its own is not cancelled when the caller is, whose run must be settled all the same.
        await Task { try? await Task.sleep(for: .milliseconds(25 << attemptCount)) }.value
    }

    func run<Value: Sendable>(
        _ transaction: () async throws(DatabaseError) -> Value
    ) async throws(DatabaseError) -> Value {
        var attemptCount = 1
        while true {
            do throws(DatabaseError) {
                return try await transaction()
            } catch {
                guard attemptCount < Self.attemptCountMax, Self.mayDoBetter(error) else { throw error }
                await pause(attemptCount)
                attemptCount += 1
            }
        }
    }

    private static func mayDoBetter(_ error: DatabaseError) -> Bool {
        switch error.code {
        // Another transaction stored the same reference meanwhile; the next attempt finds it.
        case .uniqueViolation, .serializationFailure, .connectionLost: true
        default: false
        }
    }
}
