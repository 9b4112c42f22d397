import Foundation
internal import Postgres
import Synchronization

/// A PostgreSQL server, reached through a few connections, each on a thread of its own.
///
/// A transaction is a job for one of the threads; it waits in a bounded queue while all of them are busy. Connections and
/// threads are made when they are first needed, and end with the engine.
final class PostgresEngine: Engine {
    private let queue: WorkQueue
    private let server: PostgresServer
    private let changes: ChangeCounters
    private let listener: ChangeListener
    private let isListening = Atomic(false)

    /// - Throws: `inputOutput`, when the process has too many open files.
    init(url: String, limits: WorkQueue.Limits) throws(DatabaseError) {
        queue = WorkQueue(limits: limits)
        server = PostgresServer(url: url)
        changes = ChangeCounters()
        do {
            listener = try ChangeListener(url: url, changes: changes)
        } catch {
            throw DatabaseError(postgres: error)
        }
    }

    deinit {
        listener.close()
        queue.close()
    }

    var isShared: Bool { true }

    func query(_ sql: SQL, countMax: Int) async throws(DatabaseError) -> [Row] {
        try await runUnlessCancelled { worker throws(DatabaseError) in
            try worker.query(sql, countMax: countMax)
        }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(DatabaseError) -> Value {
        try await runUnlessCancelled { worker throws(DatabaseError) in try worker.read(body) }
    }

    func write<Value: Sendable>(
        _ options: WriteOptions,
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(DatabaseError) -> Value {
        try await run { worker throws(DatabaseError) in try worker.write(options, body) }.get()
    }

    /// Listening begins with the first question, since most short-lived programs ask none.
    func changeToken(for topic: ChangeTopic) -> ChangeToken {
        if !isListening.load(ordering: .relaxed), !isListening.exchange(true, ordering: .relaxed) { listener.start() }
        return changes.token(for: topic)
    }

    /// A job whose task is cancelled before its turn is not run.
    private func runUnlessCancelled<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresWorker) throws(DatabaseError) -> Value
    ) async throws(DatabaseError) -> Value {
        let cancellation = Cancellation()
        let result = await withTaskCancellationHandler {
            await run { worker throws(DatabaseError) in
                try cancellation.check()
                let value = try body(worker)
                try cancellation.check()
                return value
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try result.get()
    }

    private func run<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresWorker) throws(DatabaseError) -> Value
    ) async -> Result<Value, DatabaseError> {
        await withCheckedContinuation { continuation in
            let refuse = { @Sendable in
                continuation.resume(returning: .failure(DatabaseError(.busy, "too many transactions are waiting")))
            }
            let job = WorkQueue.Job(
                run: { worker in
                    continuation.resume(returning: Result { () throws(DatabaseError) in try body(worker) })
                },
                refuse: refuse)
            switch queue.add(job) {
            case .queued: break
            case .queuedForNewThread: startThread()
            case .refused: refuse()
            }
        }
    }

    private func startThread() {
        let thread = Thread { [queue, server, changes] in
            let worker = PostgresWorker(server: server, changes: changes)
            while let job = queue.next() { job.run(worker) }
        }
        thread.name = "batchin-database"
        thread.start()
    }
}

/// Tells a job that its task was cancelled.
private final class Cancellation: Sendable {
    private let isCancelled = Atomic(false)

    func cancel() {
        isCancelled.store(true, ordering: .relaxed)
    }

    func check() throws(DatabaseError) {
        if isCancelled.load(ordering: .relaxed) { throw DatabaseError(.cancelled, "the task was cancelled") }
    }
}
