import Dispatch
import Foundation

/// A bounded queue of jobs for a few threads, oldest first. No job waits for longer than a set time.
final class WorkQueue: @unchecked Sendable {
    // Sendable: everything that changes is touched only between `lock` and `unlock` of `condition`, and a timer may be
    // used from any thread.
    struct Job: Sendable {
        let run: @Sendable (PostgresWorker) -> Void
        /// Called instead of `run` when the job's turn does not come.
        let refuse: @Sendable () -> Void
    }

    struct Limits: Sendable {
        var threadCountMax = 8
        var waitingCountMax = 1024
        var waitingTimeMax = Duration.seconds(5)
    }

    enum Admission {
        case queued
        /// Queued, and all threads have something to do; one more may be started, which counts from now on.
        case queuedForNewThread
        case refused
    }

    private let limits: Limits
    private let condition = NSCondition()
    private var waiting: [(job: Job, deadline: ContinuousClock.Instant)] = []
    private var threadCount = 0
    private var idleCount = 0
    private var isClosed = false
    private let overdueTimer = DispatchSource.makeTimerSource()

    private static let overdueInterval = DispatchTimeInterval.milliseconds(250)

    init(limits: Limits) {
        self.limits = limits
        overdueTimer.schedule(deadline: .now() + Self.overdueInterval, repeating: Self.overdueInterval)
        overdueTimer.setEventHandler { [weak self] in self?.refuseOverdue() }
        overdueTimer.resume()
    }

    func add(_ job: Job) -> Admission {
        condition.lock()
        defer { condition.unlock() }
        guard waiting.count < limits.waitingCountMax else { return .refused }
        waiting.append((job, .now + limits.waitingTimeMax))
        if waiting.count > idleCount, threadCount < limits.threadCountMax {
            threadCount += 1
            return .queuedForNewThread
        }
        condition.signal()
        return .queued
    }

    /// Waits for a job; nil when the thread should end.
    func next() -> Job? {
        condition.lock()
        defer { condition.unlock() }
        idleCount += 1
        defer { idleCount -= 1 }
        while waiting.isEmpty {
            if isClosed { return nil }
            condition.wait()
        }
        return waiting.removeFirst().job
    }

    /// Refuses the jobs that have waited for too long.
    private func refuseOverdue() {
        condition.lock()
        let count = waiting.prefix { $0.deadline <= .now }.count
        let overdue = waiting.prefix(count)
        waiting.removeFirst(count)
        condition.unlock()
        for (job, _) in overdue { job.refuse() }
    }

    /// Lets the threads end once nothing waits.
    func close() {
        overdueTimer.cancel()
        condition.lock()
        isClosed = true
        condition.broadcast()
        condition.unlock()
    }
}
