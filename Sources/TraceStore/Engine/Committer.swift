import Foundation
import Logging
import OTLP
import Synchronization

/// Makes appended batches durable, on a thread of its own: whatever waits when the thread is free goes into one frame
/// and shares its sync. No time is spent waiting for more.
final class Committer: Sendable {
    struct Options: Sendable {
        /// Bytes that may wait; beyond them `append` is refused.
        var queueBytesMax = 256 << 20
        /// Bytes after which a frame takes no further batch.
        var frameBytesMax = 8 << 20
        /// Memory at which the head is frozen.
        var headBytesMax = 64 << 20
        /// How long a commit waits for the sealer before it is refused.
        var sealWaitSeconds = 5.0
        /// How long a failed disk is left alone before the next attempt.
        var retrySeconds = 1.0
    }

    private struct Pending: Sendable {
        let batch: SpanBatch
        let completion: CheckedContinuation<Result<Void, TraceStoreError>, Never>
    }

    private struct Queue {
        var pending: [Pending] = []
        var bytes = 0
        var isClosed = false
        var isRunning = true
    }

    private let queue = Monitor(Queue())
    private let journal: Mutex<JournalAppender>
    private let options: Options
    private let logger: Logger
    private let statistics = Mutex(CommitStatistics())

    init(_ journal: consuming sending JournalAppender, options: Options, logger: Logger) {
        self.journal = Mutex(journal)
        self.options = options
        self.logger = logger
    }

    func start() {
        let thread = Thread { [self] in run() }
        thread.name = "batchin-journal"
        thread.start()
    }

    /// Returns once the batch is on disk and readable.
    ///
    /// - Throws: `overloaded` when too much is waiting, `closed` after `close`, or what kept the frame from the disk;
    ///   the batch is not stored then.
    func append(_ batch: SpanBatch) async throws(TraceStoreError) {
        let result = await withCheckedContinuation { continuation in
            let refusal = queue.update { queue -> TraceStoreError? in
                if queue.isClosed { return TraceStoreError(.closed, "the server is shutting down") }
                if queue.bytes + batch.bytes.count > self.options.queueBytesMax && !queue.pending.isEmpty {
                    return TraceStoreError(.overloaded, "the ingest queue is full")
                }
                queue.bytes += batch.bytes.count
                queue.pending.append(Pending(batch: batch, completion: continuation))
                return nil
            }
            if let refusal { continuation.resume(returning: .failure(refusal)) }
        }
        try result.get()
    }

    /// Commits what was appended, then stops.
    func close() {
        queue.update { $0.isClosed = true }
        queue.wait { $0.isRunning ? nil : () }
    }

    /// What was committed so far, and what waits.
    func currentStatistics() -> CommitStatistics {
        var current = statistics.withLock { $0 }
        (current.queueBatches, current.queueBytes) = queue.update { ($0.pending.count, $0.bytes) }
        return current
    }

    private func run() {
        while let work = queue.wait({ self.nextFrame(&$0) }) {
            let batches = work.map(\.batch)
            let began = ContinuousClock.now
            let result = Result { () throws(TraceStoreError) in
                try journal.withLock { journal throws(TraceStoreError) in try journal.commit(batches) }
            }
            let change = statistics.withLock { $0.record(batches, result, took: ContinuousClock.now - began) }
            report(change)
            for pending in work { pending.completion.resume(returning: result) }
        }
        queue.update { $0.isRunning = false }
    }

    /// Logs when the disk begins to fail and when it is back, not every frame in between.
    private func report(_ change: CommitStatistics.Change) {
        switch change {
        case .none: break
        case .failing(let error):
            logger.error("spans are refused", metadata: ["error": "\(error.debugDescription)"])
        case .recovered:
            logger.notice("spans are taken again")
        }
    }

    /// The batches of the next frame; `.some(nil)` when there will be none, `nil` when there are none yet.
    private func nextFrame(_ queue: inout Queue) -> [Pending]?? {
        if queue.pending.isEmpty { return queue.isClosed ? .some(nil) : nil }
        var count = 0
        var bytes = 0
        for pending in queue.pending {
            if count > 0 && bytes + pending.batch.bytes.count > options.frameBytesMax { break }
            count += 1
            bytes += pending.batch.bytes.count
        }
        let work = Array(queue.pending[..<count])
        queue.pending.removeFirst(count)
        queue.bytes -= bytes
        return work
    }
}

/// Counters of the commit thread.
package struct CommitStatistics: Sendable {
    /// Upper bounds of `latencyCounts`, in seconds; the last count is for everything above.
    package static let latencyBounds = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0,
    ]

    package fileprivate(set) var spans = 0
    package fileprivate(set) var bytes = 0
    package fileprivate(set) var batches = 0
    package fileprivate(set) var commits = 0
    package fileprivate(set) var failures = 0
    package fileprivate(set) var lastFailure: TraceStoreError?
    package fileprivate(set) var latencyCounts = [Int](repeating: 0, count: latencyBounds.count + 1)
    package fileprivate(set) var latencySeconds = 0.0
    package fileprivate(set) var queueBatches = 0
    package fileprivate(set) var queueBytes = 0

    fileprivate enum Change {
        case none
        case failing(TraceStoreError)
        case recovered
    }

    fileprivate mutating func record(
        _ batches: [SpanBatch], _ result: Result<Void, TraceStoreError>, took duration: Duration
    ) -> Change {
        let wasFailing = lastFailure != nil
        switch result {
        case .failure(let error):
            failures += 1
            lastFailure = error
            return wasFailing ? .none : .failing(error)
        case .success:
            let seconds = duration / .seconds(1)
            commits += 1
            self.batches += batches.count
            spans += batches.reduce(0) { $0 + $1.outline.spans.count }
            bytes += batches.reduce(0) { $0 + $1.bytes.count }
            latencySeconds += seconds
            latencyCounts[Self.latencyBounds.firstIndex { seconds <= $0 } ?? Self.latencyBounds.count] += 1
            lastFailure = nil
            return wasFailing ? .recovered : .none
        }
    }
}
