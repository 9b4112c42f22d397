import Database
import Dispatch
import TestSupport
import Testing

@testable import Accounts

/// Attempts that meet, and attempts whose process dies.
struct IdempotencyLeaseTests {
    @Test(arguments: TestEngine.allCases)
    func `of many attempts at once one proceeds, whatever process they meet`(engine: TestEngine) async throws {
        try await withTwoRequests(engine) { one, other in
            // On SQLite there is one process.
            let processes = engine == .sqlite ? [one] : [one, other]
            let verdicts = try await withThrowingTaskGroup(of: IdempotencyVerdict.self) { group in
                for index in 0..<50 {
                    group.addTask { try await processes[index % processes.count].begin() }
                }
                return try await group.reduce(into: [IdempotencyVerdict]()) { $0.append($1) }
            }
            #expect(verdicts.count { $0 == .isRunning } == 49)
            let tickets = verdicts.compactMap { if case .proceed(let ticket) = $0 { ticket } else { nil } }
            let ticket = try #require(tickets.first)
            try await one.complete(ticket, answer: .stub())
            #expect(try await processes[processes.count - 1].begin() == .replay(.stub()))
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `an attempt that comes to no end holds the key for its lease`(engine: TestEngine) async throws {
        try await withRequests(engine) { requests in
            let first = try await requests.ticket()
            requests.clock.advance(by: IdempotencyStore.leaseMilliseconds - 1)
            #expect(try await requests.begin() == .isRunning)
            requests.clock.advance(by: 1)
            let second = try await requests.ticket(body: [2])
            // The run is recorded all the same; its answer is nobody's any more.
            try await requests.complete(first, runID: "run_a", answer: .stub())
            #expect(try await requests.books.runs.run("run_a", of: requests.user) != nil)
            #expect(try await requests.begin(body: [2]) == .isRunning)
            try await requests.complete(second, runID: "run_b", answer: .stub("second"))
            #expect(try await requests.begin(body: [2]) == .replay(.stub("second")))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `an attempt that is completed while another would take over keeps the key`() async throws {
        try await withTwoRequests(.postgres) { one, other in
            let completion = one.store.completion(of: try await one.ticket(), runID: "run_a", answer: .stub())
            one.clock.advance(by: IdempotencyStore.leaseMilliseconds)
            let (isCompleting, mayCommit) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            async let completed: Void = one.database.write(holding: [TransactionLock("test")]) {
                connection throws(DatabaseError) in
                try completion(connection)
                isCompleting.signal()
                mayCommit.wait()
            }
            // Whatever goes wrong, nobody waits for good.
            defer { mayCommit.signal() }
            await until { isCompleting.wait(timeout: .now()) == .success }
            async let verdict = other.begin()
            try await until {
                try await one.database.queryOne(
                    """
                    SELECT pid FROM pg_stat_activity
                    WHERE datname = current_database() AND wait_event_type = 'Lock'
                    """) != nil
            }
            mayCommit.signal()
            try await completed
            #expect(try await verdict == .isRunning)
            #expect(try await other.begin() == .replay(.stub()))
        }
    }

    @Test(arguments: TestEngine.allCases, [false, true])
    func `an attempt that ends late completes the request if no other began`(
        engine: TestEngine, isRemoved: Bool
    ) async throws {
        try await withRequests(engine) { requests in
            let ticket = try await requests.ticket()
            requests.clock.advance(by: IdempotencyStore.leaseMilliseconds + 1)
            if isRemoved { try await requests.store.removeExpired() }
            try await requests.complete(ticket, answer: .stub())
            #expect(try await requests.begin() == .replay(.stub()))
            #expect(try await requests.begin(body: [2]) == .otherBody)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a new process takes over at once where it is the only one`(engine: TestEngine) async throws {
        try await withTwoRequests(engine) { one, other in
            let ticket = try await one.ticket()
            try await one.complete(try await one.ticket("done"), runID: "run_done", answer: .stub())
            let verdict = try await other.begin(body: [2])
            switch engine {
            case .sqlite:
                guard case .proceed = verdict else {
                    Issue.record("the key is held by a process that is gone")
                    return
                }
            case .postgres:
                #expect(verdict == .otherBody)
                #expect(try await other.begin() == .isRunning)
                try await one.complete(ticket, answer: .stub())
                #expect(try await other.begin() == .replay(.stub()))
            }
            // What was completed stays so, whoever completed it.
            #expect(try await other.begin("done") == .replay(.stub()))
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a key that was taken is taken by the same attempt when its transaction is run again`(
        engine: TestEngine
    ) async throws {
        try await withRequests(engine) { requests in
            let ticket = try await requests.ticket()
            let isTaken = try await requests.database.write { connection throws(DatabaseError) in
                if case .taken = try requests.store.take(ticket, 0, connection) { true } else { false }
            }
            #expect(isTaken)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `what is expired is removed, and nothing else`(engine: TestEngine) async throws {
        try await withRequests(engine) { requests in
            let count = IdempotencyStore.removedCountMax + 1
            for index in 0..<count { _ = try await requests.ticket("early\(index)") }
            try await requests.complete(try await requests.ticket("answered"), answer: .stub())
            requests.clock.advance(by: IdempotencyStore.leaseMilliseconds - 1)
            _ = try await requests.ticket("late")
            try await requests.store.removeExpired()
            #expect(try await rowCount(requests) == count + 2)
            requests.clock.advance(by: 1)
            try await requests.store.removeExpired()
            #expect(try await rowCount(requests) == 2)
            #expect(try await requests.begin("late") == .isRunning)
            #expect(try await requests.begin("answered") == .replay(.stub()))
            requests.clock.advance(by: IdempotencyStore.retentionMilliseconds)
            try await requests.store.removeExpired()
            #expect(try await rowCount(requests) == 0)
        }
    }

    private func rowCount(_ requests: Requests) async throws -> Int {
        try await requests.database.query("SELECT ticket FROM idempotent_requests").count
    }
}
