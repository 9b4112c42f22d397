import Dispatch
import Foundation

/// Something that waits for a thread.
protocol QueuedJob: Sendable {
    /// Called instead of doing the job when its turn does not come.
    func refuse()
}

struct QueueLimits: Sendable {
    var threadCountMax = 8
    var waitingCountMax = 1024
    var waitingTimeMax = Duration.seconds(5)
}

/// A bounded queue of jobs for a few threads, oldest first. No job waits for longer than a set time.
final class WorkQueue<Job: QueuedJob>: @unchecked Sendable {
    // Sendable: everything that changes is touched only between `lock` and `unlock` of `condition`, and a timer may be
    // used from any thread.
    enum Admission {
        case queued
        /// Queued, and all threads have something to do; one more may be started, which counts from now on.
        case queuedForNewThread
        case refused
    }

    private let limits: QueueLimits
    private let condition = NSCondition()
    private var waiting: [(job: Job, deadline: ContinuousClock.Instant)] = []
    private var threadCount = 0
    private var idleCount = 0
    private var isClosed = false
    private let overdueTimer = DispatchSource.makeTimerSource()

    private static var overdueInterval: DispatchTimeInterval { .milliseconds(250) }

    init(limits: QueueLimits) {
        self.limits = limits
        overdueTimer.schedule(deadline: .now() + Self.overdueInterval, repeating: Self.overdueInterval)
        overdueTimer.setEventHandler { [weak self] in self?.refuseOverdue() }
        overdueTimer.resume()
    }

    var waitingCount: Int {
        condition.lock()
        defer { condition.unlock() }
        return waiting.count
    }

    /// Queues a job, or refuses it. The caller starts a thread where that is the answer.
    func add(_ job: Job) -> Admission {
        let admission = admit(job)
        if case .refused = admission { job.refuse() }
        return admission
    }

    private func admit(_ job: Job) -> Admission {
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

    /// Waits for jobs, and takes as many as there are; none when the thread should end.
    func next(atMost countMax: Int) -> [Job] {
        condition.lock()
        defer { condition.unlock() }
        idleCount += 1
        defer { idleCount -= 1 }
        while waiting.isEmpty {
            if isClosed { return [] }
            condition.wait()
        }
        let jobs = waiting.prefix(countMax).map(\.job)
        waiting.removeFirst(jobs.count)
        return jobs
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
