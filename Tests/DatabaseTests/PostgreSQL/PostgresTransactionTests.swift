import TestSupport
import Testing

@testable import Database

@Suite(.timeLimit(.minutes(5)))
struct PostgresTransactionTests {
    private func withItems(_ count: Int, _ body: (Database) async throws -> Void) async throws {
        try await withDatabase(.postgres, migrations: [.stub()]) { database in
            for id in 0..<count {
                try await database.execute("INSERT INTO items (id, size) VALUES (\(id), 1)")
            }
            try await body(database)
        }
    }

    private func count(_ database: Database) async throws -> Int {
        try await database.query("SELECT id FROM items").count
    }

    @Test func `transactions that would not add up are repeated until they do`() async throws {
        try await withItems(0) { database in
            let rendezvous = Rendezvous()
            let runs = Counter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        // Each numbers its row by what it has read; neither has seen the other's at first.
                        try await database.write { connection throws(DatabaseError) in
                            let id = runs.increment()
                            let number = try connection.query("SELECT id FROM items").count + 1
                            rendezvous.meet()
                            try connection.execute("INSERT INTO items (id, size) VALUES (\(id), \(number))")
                        }
                    }
                }
                try await group.waitForAll()
            }
            let sizes = try await database.query("SELECT size FROM items ORDER BY size")
                .map { try $0.decode("size", as: Int.self) }
            #expect(sizes == [1, 2])
            #expect(runs.value == 3)
        }
    }

    @Test func `of two that wait for each other one is repeated`() async throws {
        try await withItems(2) { database in
            let rendezvous = Rendezvous()
            let runs = Counter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for order in [[0, 1], [1, 0]] {
                    group.addTask {
                        try await database.write(holding: [TransactionLock("\(order)")]) {
                            connection throws(DatabaseError) in
                            runs.increment()
                            try connection.execute("UPDATE items SET size = size + 1 WHERE id = \(order[0])")
                            rendezvous.meet()
                            try connection.execute("UPDATE items SET size = size + 1 WHERE id = \(order[1])")
                        }
                    }
                }
                try await group.waitForAll()
            }
            let sizes = try await database.query("SELECT size FROM items").map { try $0.decode("size", as: Int.self) }
            #expect(sizes == [3, 3])
            #expect(runs.value == 3)
        }
    }

    @Test func `one that collides for ever is given up`() async throws {
        try await withItems(1) { database in
            let runs = Counter()
            await #expect(throws: DatabaseError(.serializationFailure, "")) {
                try await database.write { connection throws(DatabaseError) in
                    runs.increment()
                    _ = try connection.query("SELECT size FROM items")
                    // Somebody else is always quicker.
                    Blocking.wait(for: Task { try await database.execute("UPDATE items SET size = size + 1") })
                    try connection.execute("UPDATE items SET size = 1")
                }
            }
            // On a slow machine the time is over before the tries are.
            #expect((2...RepetitionLimit.collisionCountMax).contains(runs.value))
        }
    }

    @Test func `a body that goes on after a statement failed gets the failure, not a success`() async throws {
        try await withItems(1) { database in
            await #expect(throws: DatabaseError(.uniqueViolation, "")) {
                try await database.write { connection throws(DatabaseError) in
                    try connection.execute("INSERT INTO items (id) VALUES (7)")
                    do throws(DatabaseError) {
                        try connection.execute("INSERT INTO items (id) VALUES (0)")
                    } catch {
                        return
                    }
                }
            }
            let count = try await count(database)
            #expect(count == 1)
        }
    }

    @Test func `after a failure every statement fails alike`() async throws {
        try await withItems(1) { database in
            await #expect(throws: DatabaseError(.invalidRow, "")) {
                try await database.write { connection throws(DatabaseError) in
                    for _ in 0..<2 {
                        do throws(DatabaseError) {
                            try connection.execute("INSERT INTO items (id) VALUES (0)")
                        } catch {
                            guard error.code == .uniqueViolation else { throw error }
                        }
                    }
                    throw DatabaseError(.invalidRow, "seen twice")
                }
            }
        }
    }

    @Test func `a collision that the body swallowed is repeated all the same`() async throws {
        try await withItems(1) { database in
            let runs = Counter()
            try await database.write { connection throws(DatabaseError) in
                let isFirst = runs.increment() == 1
                _ = try connection.query("SELECT size FROM items")
                if isFirst {
                    Blocking.wait(for: Task { try await database.execute("UPDATE items SET size = 5") })
                }
                do throws(DatabaseError) {
                    try connection.execute("UPDATE items SET size = size + 1")
                } catch {}
            }
            let row = try await database.queryOne("SELECT size FROM items")
            #expect(try row?.decode("size", as: Int.self) == 6)
            #expect(runs.value == 2)
        }
    }

    @Test func `what only the commit finds wrong is an error like any other`() async throws {
        let deferred = Migration.stub(
            2, name: "deferred", "CREATE TABLE late (id BIGINT UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        try await withDatabase(.postgres, migrations: [.stub(), deferred]) { database in
            await #expect(throws: DatabaseError(.uniqueViolation, "")) {
                try await database.execute("INSERT INTO late (id) VALUES (1), (1)")
            }
            try await database.execute("INSERT INTO late (id) VALUES (1)")
            let count = try await database.query("SELECT id FROM late").count
            #expect(count == 1)
        }
    }

    @Test func `a body that ends its transaction by itself is told so`() async throws {
        try await withItems(0) { database in
            await #expect(throws: DatabaseError(.other, "")) {
                try await database.write { connection throws(DatabaseError) in
                    try connection.execute("INSERT INTO items (id) VALUES (1)")
                    try connection.execute("ROLLBACK")
                }
            }
        }
    }

    @Test func `rows held by others and endless statements end as busy`() async throws {
        try await withItems(1) { database in
            await #expect(throws: DatabaseError(.busy, "")) {
                try await database.read { connection throws(DatabaseError) in
                    try connection.execute("SET LOCAL statement_timeout = '10ms'")
                    _ = try connection.query("SELECT pg_sleep(60)")
                }
            }
            await #expect(throws: DatabaseError(.busy, "")) {
                try await database.write(holding: [TransactionLock("a")]) { connection throws(DatabaseError) in
                    try connection.execute("UPDATE items SET size = 2")
                    let waiting = Task {
                        try await database.write(holding: [TransactionLock("b")]) { connection throws(DatabaseError) in
                            try connection.execute("SET LOCAL lock_timeout = '10ms'")
                            try connection.execute("UPDATE items SET size = 3")
                        }
                    }
                    Blocking.wait(for: waiting)
                    throw DatabaseError(.busy, "")
                }
            }
        }
    }
}
