import Foundation

/// A few threads that read files, so that a slow disk never holds a thread of the cooperative pool.
final class ReadPool: Sendable {
    private struct Work {
        var waiting: [@Sendable () -> Void] = []
        var isClosed = false
    }

    private let waitingMax: Int
    private let work = Monitor(Work())

    init(threads: Int, waitingMax: Int) {
        self.waitingMax = waitingMax
        for number in 0..<threads {
            let thread = Thread { [work] in
                while let job = work.wait({ Self.next(&$0) }) { job() }
            }
            thread.name = "batchin-read-\(number)"
            thread.start()
        }
    }

    /// Runs `body` on one of the threads.
    ///
    /// - Throws: what `body` throws; `overloaded` when too many reads wait; `closed` after `close`.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws(TraceStoreError) -> Value
    ) async throws(TraceStoreError) -> Value {
        let result: Result<Value, TraceStoreError> = await withCheckedContinuation { continuation in
            let refusal = work.update { work -> TraceStoreError? in
                if work.isClosed { return TraceStoreError(.closed, "the server is shutting down") }
                if work.waiting.count >= self.waitingMax {
                    return TraceStoreError(.overloaded, "too many queries are waiting")
                }
                work.waiting.append { continuation.resume(returning: Result(catching: body)) }
                return nil
            }
            if let refusal { continuation.resume(returning: .failure(refusal)) }
        }
        return try result.get()
    }

    /// Finishes what waits, then lets the threads end.
    func close() {
        work.update { $0.isClosed = true }
    }

    private static func next(_ work: inout Work) -> (@Sendable () -> Void)?? {
        if work.waiting.isEmpty { return work.isClosed ? .some(nil) : nil }
        return work.waiting.removeFirst()
    }
}
