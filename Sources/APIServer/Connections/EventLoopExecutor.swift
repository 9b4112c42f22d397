import NIOCore
import NIOPosix

/// Runs tasks on the event loop of the connection that they serve, so that nothing changes threads between a client, the
/// task, and a provider that answers on the same event loop. For tasks that never compute for long.
final class EventLoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    private init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// One for each event loop that serves connections.
    private static let executors: [ObjectIdentifier: EventLoopExecutor] = Dictionary(
        uniqueKeysWithValues: MultiThreadedEventLoopGroup.singleton.makeIterator().map { eventLoop in
            (ObjectIdentifier(eventLoop), EventLoopExecutor(eventLoop))
        })

    /// Nil for an event loop of another group.
    static func of(_ eventLoop: any EventLoop) -> EventLoopExecutor? { executors[ObjectIdentifier(eventLoop)] }
}
