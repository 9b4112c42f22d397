import Dispatch
import Foundation
import Synchronization

/// Ways to wait for something other than time.
enum Blocking {
    /// Suspends the task until it is cancelled.
    static func untilCancelled() async {
        for await _ in AsyncStream<Never>.makeStream().stream {}
    }

    /// Suspends the task until the condition holds, which it does not say by itself. Only for tests with a time limit.
    static func until(_ condition: () async throws -> Bool) async throws {
        while try await !condition() { try await Task.sleep(for: .milliseconds(1)) }
    }

    /// Lets a synchronous closure on a database thread wait for a task on another.
    static func wait<Value>(for task: Task<Value, any Error>) {
        let done = DispatchSemaphore(value: 0)
        Task {
            _ = await task.result
            done.signal()
        }
        done.wait()
    }
}

/// A place where two threads wait for each other, once; whoever comes later walks on.
final class Rendezvous: @unchecked Sendable {
    // Sendable: the count is touched only between `lock` and `unlock`.
    private let condition = NSCondition()
    private var arrivedCount = 0

    func meet() {
        condition.lock()
        defer { condition.unlock() }
        arrivedCount += 1
        condition.broadcast()
        while arrivedCount < 2 { condition.wait() }
    }
}

/// Counts how often something happens on any thread.
final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    /// Returns the count, this time included.
    @discardableResult
    func increment() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
