import Synchronization

/// Lets only so many tasks do something at once; the others wait their turn.
final class ConcurrencyLimit: Sendable {
    private struct State {
        var freeCount: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    /// What a task does inside is covered by the turn that it has.
    @TaskLocal private static var hasTurn = false

    init(_ count: Int) {
        state = Mutex(State(freeCount: count))
    }

    func run<Result>(_ body: () async throws -> Result) async throws -> Result {
        if Self.hasTurn { return try await body() }
        await enter()
        defer { leave() }
        return try await Self.$hasTurn.withValue(true) { try await body() }
    }

    private func enter() async {
        await withCheckedContinuation { continuation in
            let mayEnter = state.withLock { state in
                if state.freeCount > 0 {
                    state.freeCount -= 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if mayEnter { continuation.resume() }
        }
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.waiting.isEmpty {
                state.freeCount += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
