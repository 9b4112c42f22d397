import Dispatch

/// Ways to wait for something other than time.
enum Blocking {
    /// Suspends the task until it is cancelled.
    static func untilCancelled() async {
        for await _ in AsyncStream<Never>.makeStream().stream {}
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
