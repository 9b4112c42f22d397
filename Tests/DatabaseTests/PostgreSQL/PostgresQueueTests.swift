import Dispatch
import TestSupport
import Testing

@testable import Database

@Suite(.timeLimit(.minutes(5)))
struct PostgresQueueTests {
    /// Keeps the only thread busy until the semaphore is signalled.
    private func block(_ database: Database, until gate: DispatchSemaphore) async -> Task<Void, any Error> {
        let entered = AsyncStream<Void>.makeStream()
        let task = Task {
            try await database.read { _ throws(DatabaseError) in
                entered.continuation.finish()
                gate.wait()
            }
        }
        for await _ in entered.stream {}
        return task
    }

    @Test func `when too many wait the next ones are told at once`() async throws {
        try await withTestDatabase(.postgres) { test in
            let database = try await test.open(
                limits: .init(threadCountMax: 1, waitingCountMax: 3), migrations: [.stub()])
            let gate = DispatchSemaphore(value: 0)
            let blocker = await block(database, until: gate)
            let outcomes = await withTaskGroup(of: DatabaseError.Code?.self) { group in
                for id in 0..<10 {
                    group.addTask {
                        do throws(DatabaseError) {
                            try await database.execute("INSERT INTO items (id) VALUES (\(id))")
                            return nil
                        } catch {
                            return error.code
                        }
                    }
                }
                var outcomes: [DatabaseError.Code?] = []
                for await outcome in group {
                    outcomes.append(outcome)
                    // Seven are refused while the thread is blocked; only then can the other three be done.
                    if outcomes.count == 7 { gate.signal() }
                }
                return outcomes
            }
            try await blocker.value
            #expect(outcomes == Array(repeating: .busy, count: 7) + Array(repeating: nil, count: 3))
            let count = try await database.query("SELECT id FROM items").count
            #expect(count == 3)
        }
    }

    @Test func `nobody waits for longer than the limit`() async throws {
        try await withTestDatabase(.postgres) { test in
            let limits = QueueLimits(threadCountMax: 1, waitingTimeMax: .milliseconds(20))
            let database = try await test.open(limits: limits, migrations: [])
            let gate = DispatchSemaphore(value: 0)
            let blocker = await block(database, until: gate)
            await #expect(throws: DatabaseError(.busy, "")) { try await database.query("SELECT 1 AS one") }
            gate.signal()
            try await blocker.value
            let count = try await database.query("SELECT 1 AS one").count
            #expect(count == 1)
        }
    }

    @Test func `a read whose task was cancelled while it waited is not run`() async throws {
        try await withTestDatabase(.postgres) { test in
            let database = try await test.open(limits: .init(threadCountMax: 1), migrations: [])
            let gate = DispatchSemaphore(value: 0)
            let blocker = await block(database, until: gate)
            let runs = Counter()
            let read = Task {
                try await database.read { _ throws(DatabaseError) in _ = runs.increment() }
            }
            read.cancel()
            gate.signal()
            await #expect(throws: DatabaseError(.cancelled, "")) { try await read.value }
            try await blocker.value
            #expect(runs.value == 0)
        }
    }

    @Test func `a read whose task is cancelled while it runs says so`() async throws {
        try await withTestDatabase(.postgres) { test in
            let database = try await test.open(limits: .init(threadCountMax: 1), migrations: [])
            let gate = DispatchSemaphore(value: 0)
            let read = await block(database, until: gate)
            read.cancel()
            gate.signal()
            await #expect(throws: DatabaseError(.cancelled, "")) { try await read.value }
        }
    }

    @Test func `transactions run at once, on no more connections than the pool's size`() async throws {
        try await withTestDatabase(.postgres) { test in
            let database = try await test.open(limits: .init(threadCountMax: 3), migrations: [])
            let rendezvous = Rendezvous()
            let connections = try await withThrowingTaskGroup(of: Int?.self) { group in
                for _ in 0..<30 {
                    group.addTask {
                        try await database.read { connection throws(DatabaseError) in
                            rendezvous.meet()
                            return try connection.queryOne("SELECT pg_backend_pid() AS pid")?.decode(
                                "pid", as: Int.self)
                        }
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect((2...3).contains(connections.count))
        }
    }

    @Test func `a connection is kept, whatever its transactions come to`() async throws {
        try await withTestDatabase(.postgres) { test in
            let database = try await test.open(limits: .init(threadCountMax: 1), migrations: [.stub()])
            let pid: SQL = "SELECT pg_backend_pid() AS pid"
            var rows = [try await database.queryOne(pid)]
            rows.append(try await database.read { connection throws(DatabaseError) in try connection.queryOne(pid) })
            rows.append(try await database.write { connection throws(DatabaseError) in try connection.queryOne(pid) })
            for mistake: SQL in ["SELEKT", "INSERT INTO parts (id, item_id) VALUES (1, 1)"] {
                await #expect(throws: DatabaseError.self) { try await database.execute(mistake) }
                await #expect(throws: DatabaseError.self) { try await database.query(mistake) }
                await #expect(throws: DatabaseError.self) {
                    try await database.read { connection throws(DatabaseError) in try connection.query(mistake) }
                }
            }
            rows.append(try await database.queryOne(pid))
            #expect(rows.count == 4)
            #expect(Set(rows).count == 1)
        }
    }
}
