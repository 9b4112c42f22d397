import Foundation

/// A value that threads share: every access holds the lock, and a thread can wait until the value suits it.
///
/// For the engine's own threads only. Nothing that runs on the cooperative pool may call `wait`.
final class Monitor<Value>: @unchecked Sendable {
    // Sendable: `value` is touched only between `lock` and `unlock` of `condition`, and never escapes.
    private let condition = NSCondition()
    private var value: Value

    init(_ value: sending Value) {
        self.value = value
    }

    /// Changes the value and wakes whoever waits for it.
    func update<Result>(_ body: (inout Value) -> Result) -> Result {
        condition.lock()
        defer {
            condition.broadcast()
            condition.unlock()
        }
        return body(&value)
    }

    /// Waits until `body` gives a result, however long that takes.
    func wait<Result>(_ body: (inout Value) -> Result?) -> Result {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let result = body(&value) { return result }
            condition.wait()
        }
    }

    /// Waits until `body` gives a result, at most `seconds`; `nil` when the time is over.
    func wait<Result>(atMost seconds: Double, _ body: (inout Value) -> Result?) -> Result? {
        let deadline = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let result = body(&value) { return result }
            guard condition.wait(until: deadline) else { return body(&value) }
        }
    }
}
