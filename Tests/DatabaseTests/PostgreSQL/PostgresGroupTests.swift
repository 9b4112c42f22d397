import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import Database

@Suite(.timeLimit(.minutes(5)))
struct PostgresGroupTests {
    /// A statement that fails with this code (https://www.postgresql.org/docs/15/errcodes-appendix.html).
    private static func failure(_ state: String) -> SQL {
        "DO \(unsafeSQL: "$$ BEGIN RAISE SQLSTATE '\(state)'; END $$")"
    }

    private static let lockWaiters: SQL = """
        SELECT pid FROM pg_locks JOIN pg_database d ON database = d.oid
        WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()
        """

    private static func insert(_ id: Int, _ connection: Connection) throws(DatabaseError) {
        try connection.execute("INSERT INTO items (id) VALUES (\(id))")
    }

    @Test func `writes that wait together share a transaction, so many at most`() async throws {
        try await GroupTestBed.run { bed in
            let countMax = TransactionGroups.writeCountMax
            let transactions = try await bed.writeTogether(countMax + 1) { _, connection throws(DatabaseError) in
                try connection.queryOne("SELECT pg_current_xact_id()::text AS id")?.decode("id", as: String.self)
            }.map { try $0.get() }
            #expect(Set(transactions.prefix(countMax)).count == 1)
            #expect(transactions[countMax] != transactions[0])
        }
    }

    @Test func `writes that fail are undone alone, whatever they fail of`() async throws {
        try await GroupTestBed.run { bed in
            let results = try await bed.writeTogether(12) { index, connection throws(DatabaseError) in
                try Self.insert(index, connection)
                switch index % 6 {
                case 1: throw DatabaseError(.invalidRow, "stop")
                case 2: try Self.insert(0, connection)
                case 3: _ = try? Self.insert(0, connection)
                case 4: _ = try connection.query("SELEKT")
                default: break
                }
            }
            let codes = results.map { result -> DatabaseError.Code? in
                if case .failure(let error) = result { error.code } else { nil }
            }
            let some: [DatabaseError.Code?] = [nil, .invalidRow, .uniqueViolation, .uniqueViolation, .other, nil]
            #expect(codes == some + some)
            #expect(try await bed.ids() == [0, 5, 6, 11])
        }
    }

    @Test func `one that collides is run again`() async throws {
        try await GroupTestBed.run { bed in
            let runs = [Counter(), Counter(), Counter(), Counter()]
            let results = try await bed.writeTogether(4) { index, connection throws(DatabaseError) in
                try Self.insert(index, connection)
                let run = runs[index].increment()
                if index == 1, run < 5 { try connection.execute(Self.failure("40P01")) }
                if index == 2, run == 1 { try connection.execute(Self.failure("40001")) }
            }
            #expect(results.allSatisfy { (try? $0.get()) != nil })
            #expect(try await bed.ids() == [0, 1, 2, 3])
            #expect(runs[1].value == 5)
        }
    }

    @Test func `one whose prepared statement is out of date is run again`() async throws {
        try await GroupTestBed.run { bed in
            let all: SQL = "SELECT * FROM items"
            _ = await bed.write { connection throws(DatabaseError) in try connection.query(all) }
            try await bed.other.execute("ALTER TABLE items ADD COLUMN weight BIGINT")
            let results = try await bed.writeTogether(3) { index, connection throws(DatabaseError) in
                // Whatever comes after it meets the statement only when it is alone in a savepoint.
                if index == 0 { throw DatabaseError(.invalidRow, "stop") }
                try Self.insert(index, connection)
                return try connection.query(all).count
            }
            #expect(results.dropFirst().map { try? $0.get() } == [2, 1])
        }
    }

    @Test func `what was undone was never announced`() async throws {
        try await GroupTestBed.run { bed in
            let topics = [ChangeTopic(0), ChangeTopic(1)]
            try await Blocking.until {
                bed.engine.changeToken(for: topics[0]) == bed.engine.changeToken(for: topics[0])
            }
            let before = topics.map(bed.engine.changeToken)
            _ = try await bed.writeTogether(2) { index, connection throws(DatabaseError) in
                try connection.announce(topics[index])
                if index == 1 { throw DatabaseError(.invalidRow, "stop") }
            }
            #expect(bed.engine.changeToken(for: topics[0]) != before[0])
            #expect(bed.engine.changeToken(for: topics[1]) == before[1])
        }
    }

    @Test func `it survives power loss if one of them is to`() async throws {
        try await GroupTestBed.run { bed in
            for (durabilities, setting) in [([Durability.relaxed, .synced], "on"), ([.relaxed, .relaxed], "off")] {
                let options = durabilities.map { WriteOptions(group: GroupTestBed.group, durability: $0) }
                let settings = try await bed.writeTogether(2, options: { options[$0] }) {
                    _, connection throws(DatabaseError) in
                    try connection.queryOne("SHOW synchronous_commit")?.decode("synchronous_commit", as: String.self)
                }
                #expect(try settings.map { try $0.get() } == [setting, setting])
            }
        }
    }

    @Test func `the group's lock is taken before all others`() {
        let locks = (0..<20).map { TransactionLock("\($0)") }
        for lock in locks {
            let script = TransactionScript.writing(WriteOptions(locks: locks, group: TransactionGroup(lock)))
            #expect(
                script.hasPrefix(
                    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_advisory_xact_lock(\(lock.advisoryKey)); "
                ))
        }
    }

    @Test func `a lock that others hold for too long is waited for no longer than once`() async throws {
        try await GroupTestBed.run { bed in
            let held = TransactionLock("held")
            let gate = DispatchSemaphore(value: 0)
            let holder = Mutex<Task<Void, any Error>?>(nil)
            let runs = Counter()
            let results = try await bed.writeTogether(
                3, options: { WriteOptions(locks: $0 == 1 ? [held] : [], group: GroupTestBed.group) }
            ) { index, connection throws(DatabaseError) in
                try Self.insert(index, connection)
                guard index == 2, runs.increment() == 1 else { return }
                // Somebody outside the group waits for the lock, and has it as soon as this transaction is undone.
                let other = bed.other
                holder.withLock { holder in
                    holder = Task {
                        try await other.write(holding: [held]) { _ throws(DatabaseError) in gate.wait() }
                    }
                }
                Blocking.wait(
                    for: Task {
                        try await Blocking.until { try await !other.query(Self.lockWaiters).isEmpty }
                    })
                try connection.execute(Self.failure("55P03"))
            }
            gate.signal()
            try await holder.withLock { $0 }?.value
            #expect(results.map { (try? $0.get()) != nil } == [true, false, true])
            guard case .failure(let error) = results[1] else { return }
            #expect(error.code == .busy)
            #expect(try await bed.ids() == [0, 2])
        }
    }

    @Test func `when too many wait the next ones are told at once`() async throws {
        try await GroupTestBed.run(limits: QueueLimits(waitingCountMax: 3)) { bed in
            let refused: () async throws -> Void = {
                let result = await bed.write { _ throws(DatabaseError) in }
                #expect(throws: DatabaseError(.busy, "")) { try result.get() }
            }
            let results = try await bed.writeTogether(3, whileWaiting: refused) {
                index, connection throws(DatabaseError) in
                try Self.insert(index, connection)
            }
            #expect(results.allSatisfy { (try? $0.get()) != nil })
        }
    }

    @Test func `nobody waits for longer than the limit`() async throws {
        try await GroupTestBed.run(limits: QueueLimits(waitingTimeMax: .milliseconds(20))) { bed in
            let gate = DispatchSemaphore(value: 0)
            let blocker = await bed.block(until: gate)
            let result = await bed.write { _ throws(DatabaseError) in }
            #expect(throws: DatabaseError(.busy, "")) { try result.get() }
            gate.signal()
            await blocker.value
        }
    }
}
