import TestSupport
import Testing

@testable import Database

struct DatabaseTests {
    @Test(arguments: TestEngine.allCases)
    func `every type comes back as it went in`(engine: TestEngine) async throws {
        try await withDatabase(engine, migrations: [.stub()]) { database in
            let values: [SQLValue] = [
                .null, .integer(.min), .integer(.max), .real(1.0), .real(-0.1), .text(""), .text("é\u{1F600}'\";--"),
                .blob([]), .blob([0, 255, 0]),
            ]
            for value in values {
                let row = try #require(try await database.queryOne("SELECT \(value) AS value"))
                #expect(row == Row(columns: ["value"], values: [value]))
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `SQL in a value is just a value`(engine: TestEngine) async throws {
        try await withDatabase(engine, migrations: [.stub()]) { database in
            let hostile = "x'); DROP TABLE items; --"
            try await database.execute("INSERT INTO items (id, name) VALUES (\(1), \(hostile))")
            let row = try await database.queryOne("SELECT name FROM items WHERE name = \(hostile)")
            #expect(try row?.decode("name", as: String.self) == hostile)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `text with NUL is refused, not cut`(engine: TestEngine) async throws {
        try await withDatabase(engine, migrations: [.stub()]) { database in
            await #expect(throws: DatabaseError(.invalidValue, "")) {
                try await database.execute("INSERT INTO items (id, name) VALUES (1, \("a\0b"))")
            }
            let rows = try await database.query("SELECT id FROM items")
            #expect(rows.isEmpty)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `execute counts the rows it changed, and nothing else`(engine: TestEngine) async throws {
        try await withDatabase(engine, migrations: [.stub()]) { database in
            let inserted = try await database.execute("INSERT INTO items (id) VALUES (1), (2), (3)")
            let updated = try await database.execute("UPDATE items SET name = NULL WHERE id > 1")
            let created = try await database.execute("CREATE TABLE others (id BIGINT)")
            let missed = try await database.execute("DELETE FROM items WHERE id = 9")
            #expect([inserted, updated, created, missed] == [3, 2, 0, 0])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `RETURNING gives rows from a write`(engine: TestEngine) async throws {
        try await withDatabase(engine, migrations: [.stub()]) { database in
            let row = try await database.write { connection throws(DatabaseError) in
                try connection.queryOne("INSERT INTO items (id) VALUES (1), (2) RETURNING id")
            }
            #expect(try row?.decode("id", as: Int.self) == 1)
            #expect(try await database.query("SELECT id FROM items").count == 2)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a write that throws leaves nothing`(engine: TestEngine) async throws {
        try await withDatabase(engine, migrations: [.stub()]) { database in
            await #expect(throws: DatabaseError(.invalidRow, "")) {
                try await database.write { connection throws(DatabaseError) in
                    try connection.execute("INSERT INTO items (id) VALUES (1)")
                    throw DatabaseError(.invalidRow, "stop")
                }
            }
            let rows = try await database.query("SELECT id FROM items")
            #expect(rows.isEmpty)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a read can't write`(engine: TestEngine) async throws {
        try await withDatabase(engine, migrations: [.stub()]) { database in
            await #expect(throws: DatabaseError(.readOnly, "")) {
                try await database.queryOne("INSERT INTO items (id) VALUES (1) RETURNING id")
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a read sees one state while others write`(engine: TestEngine) async throws {
        try await withDatabase(engine, migrations: [.stub()]) { database in
            let counts = try await database.read { connection throws(DatabaseError) in
                let before = try connection.query("SELECT id FROM items").count
                let writing = Task { try await database.execute("INSERT INTO items (id) VALUES (1)") }
                Blocking.wait(for: writing)
                return [before, try connection.query("SELECT id FROM items").count]
            }
            #expect(counts == [0, 0])
            #expect(try await database.query("SELECT id FROM items").count == 1)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a cancelled task's write is still done whole`(engine: TestEngine) async throws {
        try await withDatabase(engine, migrations: [.stub()]) { database in
            let task = Task {
                await Blocking.untilCancelled()
                return try await database.execute("INSERT INTO items (id) VALUES (1)")
            }
            task.cancel()
            let count = try await task.value
            #expect(count == 1)
            let rows = try await database.query("SELECT id FROM items")
            #expect(rows.count == 1)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a cancelled task's read says so`(engine: TestEngine) async throws {
        try await withDatabase(engine, migrations: [.stub()]) { database in
            let task = Task {
                await Blocking.untilCancelled()
                return try await database.query("SELECT id FROM items").count
            }
            task.cancel()
            await #expect(throws: DatabaseError(.cancelled, "")) { try await task.value }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a hundred tasks add up`(engine: TestEngine) async throws {
        try await withDatabase(engine, migrations: [.stub()]) { database in
            try await database.execute("INSERT INTO items (id, size) VALUES (1, 1)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<100 {
                    group.addTask { try await database.execute("UPDATE items SET size = size + 1 WHERE id = 1") }
                    group.addTask { _ = try await database.query("SELECT size FROM items") }
                }
                try await group.waitForAll()
            }
            let row = try await database.queryOne("SELECT size FROM items")
            #expect(try row?.decode("size", as: Int.self) == 101)
        }
    }
}
