import Foundation
internal import Postgres
import Synchronization

/// A PostgreSQL server, reached through a few connections, each on a thread of its own.
///
/// A transaction is a job for one of the threads; it waits in a bounded queue while all of them are busy. Writes of a
/// group are left to `TransactionGroups`. Connections and threads are made when they are first needed, and end with the
/// engine.
final class PostgresEngine: Engine {
    private let queue: WorkQueue<PostgresJob>
    let groups: TransactionGroups
    private let server: PostgresServer
    private let changes: ChangeCounters
    private let listener: ChangeListener
    private let isListening = Atomic(false)

    /// - Throws: `inputOutput`, when the process has too many open files.
    init(url: String, limits: QueueLimits) throws(DatabaseError) {
        queue = WorkQueue(limits: limits)
        server = PostgresServer(url: url)
        changes = ChangeCounters()
        groups = TransactionGroups(limits: limits, server: server, changes: changes)
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
        guard let group = options.group else {
            return try await run { worker throws(DatabaseError) in try worker.write(options, body) }.get()
        }
        let result: Result<Value, DatabaseError> = await withCheckedContinuation { continuation in
            groups.add(GroupedWrite(options, QueuedWrite(body) { continuation.resume(returning: $0) }), to: group)
        }
        return try result.get()
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
            let job = PostgresJob(
                run: { worker in
                    continuation.resume(returning: Result { () throws(DatabaseError) in try body(worker) })
                },
                fail: { continuation.resume(returning: .failure($0)) })
            if case .queuedForNewThread = queue.add(job) { startThread() }
        }
    }

    private func startThread() {
        let thread = Thread { [queue, server, changes] in
            let worker = PostgresWorker(server: server, changes: changes)
            while let job = queue.next(atMost: 1).first { job.run(worker) }
        }
        thread.name = "batchin-database"
        thread.start()
    }
}

/// A transaction that waits for a thread, whatever its result.
private struct PostgresJob: QueuedJob {
    let run: @Sendable (PostgresWorker) -> Void
    let fail: @Sendable (DatabaseError) -> Void

    func refuse() {
        fail(.tooManyWaiting)
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
