import Foundation
import Synchronization

/// The groups that a process has written in, each with a queue and a thread of its own.
///
/// The thread takes what waits as one transaction. A commit costs a sync of the server's disk, whatever it holds, so
/// writes that arrive during one share the next.
final class TransactionGroups: Sendable {
    typealias Queue = WorkQueue<GroupedWrite>

    private let limits: QueueLimits
    private let server: PostgresServer
    private let changes: ChangeCounters
    private let queues = Mutex<[TransactionGroup: Queue]>([:])

    /// Bounds how long a write waits for those that came after it.
    static let writeCountMax = 128

    init(limits: QueueLimits, server: PostgresServer, changes: ChangeCounters) {
        self.limits = QueueLimits(
            threadCountMax: 1, waitingCountMax: limits.waitingCountMax, waitingTimeMax: limits.waitingTimeMax)
        self.server = server
        self.changes = changes
    }

    deinit {
        for queue in queues.withLock({ Array($0.values) }) { queue.close() }
    }

    func add(_ write: GroupedWrite, to group: TransactionGroup) {
        let queue = queue(of: group)
        if case .queuedForNewThread = queue.add(write) { startThread(for: queue) }
    }

    func queue(of group: TransactionGroup) -> Queue {
        queues.withLock { queues in
            if let queue = queues[group] { return queue }
            let queue = Queue(limits: limits)
            queues[group] = queue
            return queue
        }
    }

    private func startThread(for queue: Queue) {
        let thread = Thread { [server, changes] in
            let worker = PostgresWorker(server: server, changes: changes)
            while true {
                let writes = queue.next(atMost: Self.writeCountMax)
                if writes.isEmpty { return }
                worker.write(writes)
            }
        }
        thread.name = "batchin-group"
        thread.start()
    }
}
