import TestSupport
import Testing

@testable import Database

@Suite(.timeLimit(.minutes(5)))
struct PostgresLockTests {
    @Test func `holders of one lock take turns and see what the one before has committed`() async throws {
        try await withTwoDatabases(.postgres, migrations: [.stub()]) { one, other in
            try await one.execute("INSERT INTO items (id, size) VALUES (1, 1)")
            let runs = Counter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for database in [one, other] {
                    for _ in 0..<40 {
                        group.addTask {
                            try await database.write(holding: [TransactionLock("size of 1")]) {
                                connection throws(DatabaseError) in
                                runs.increment()
                                let row = try connection.queryOne("SELECT size FROM items WHERE id = 1")
                                let size = try row?.decode("size", as: Int.self) ?? 0
                                try connection.execute("UPDATE items SET size = \(size + 1) WHERE id = 1")
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let row = try await one.queryOne("SELECT size FROM items WHERE id = 1")
            #expect(try row?.decode("size", as: Int.self) == 81)
            #expect(runs.value == 80)
        }
    }

    @Test func `locks named in any order, or twice, do not wait for each other in a circle`() async throws {
        try await withDatabase(.postgres, migrations: []) { database in
            let locks = ["a", "b", "'; DROP TABLE schema_migrations; --"].map { TransactionLock($0) }
            let runs = Counter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<30 {
                    group.addTask {
                        try await database.write(holding: locks) { _ throws(DatabaseError) in _ = runs.increment() }
                    }
                    group.addTask {
                        try await database.write(holding: locks.reversed() + locks) { _ throws(DatabaseError) in
                            _ = runs.increment()
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(runs.value == 60)
            let applied = try await database.query("SELECT version FROM schema_migrations")
            #expect(applied.isEmpty)
        }
    }

    @Test func `locks are taken in the same order however they are named`() {
        let (a, b) = (TransactionLock("a"), TransactionLock("b"))
        #expect(TransactionScript.writing(.init(locks: [a, b])) == TransactionScript.writing(.init(locks: [b, a, b])))
    }

    /// Processes of different versions share these numbers, so they must never change.
    @Test func `a name's number is FNV-1a`() {
        // http://www.isthe.com/chongo/src/fnv/test_fnv.c
        #expect(TransactionLock("").advisoryKey == Int64(bitPattern: 0xCBF2_9CE4_8422_2325))
        #expect(TransactionLock("foobar").advisoryKey == Int64(bitPattern: 0x8594_4171_F739_67E8))
    }
}
