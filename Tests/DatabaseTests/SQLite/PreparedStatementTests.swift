import TestSupport
import Testing

@testable import Database

struct PreparedStatementTests {
    private static let insertion = SQL.template(
        "INSERT INTO items (id, name, size, bytes) VALUES (\(SQL.parameters(4)))")
    private static let selection = SQL.template("SELECT id, name FROM items WHERE id = \(SQL.parameters(1))")

    @Test(arguments: TestEngine.allCases)
    func `a template is run with other values each time`(engine: TestEngine) async throws {
        try await withDatabase(engine, migrations: [.stub()]) { database in
            let rows: [[SQLValue]] = [
                [.integer(1), .text("one"), .integer(1), .blob([1])],
                [.integer(2), .null, .null, .null],
                [.integer(3), .text(""), .integer(3), .blob([])],
                [.integer(4), .text("vier 🎈"), .null, .blob([0, 1])],
            ]
            for values in rows {
                #expect(try await database.execute(Self.insertion.binding(values)) == 1)
            }
            let stored = try await database.query("SELECT id, name, size, bytes FROM items ORDER BY id")
            #expect(stored == rows.map { Row(columns: ["id", "name", "size", "bytes"], values: $0) })
            let names = try await database.write { connection throws(DatabaseError) in
                try [4, 9, 1].map { id throws(DatabaseError) in
                    try connection.queryOne(Self.selection.binding([.integer(id)]))?.decode("name", as: String.self)
                }
            }
            #expect(names == ["vier 🎈", nil, "one"])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a template inside another statement is only its text`(engine: TestEngine) async throws {
        try await withDatabase(engine, migrations: [.stub()]) { database in
            try await database.execute("INSERT INTO items (id) VALUES (1), (2), (3)")
            let counts = try await database.write { connection throws(DatabaseError) in
                let one = Self.selection.binding([.integer(1)])
                let two: SQL = "\(one) OR id = \(2)"
                return [try connection.query(one).count, try connection.query(two).count]
            }
            #expect(counts == [1, 2])
        }
    }

    @Test func `a statement that failed can be run again`() async throws {
        try await withDatabase(.sqlite, migrations: [.stub()]) { database in
            let values: (Int64) -> [SQLValue] = { [.integer($0), .null, .integer($0), .null] }
            try await database.execute(Self.insertion.binding(values(1)))
            for id: Int64 in [1, -1] {
                await #expect(throws: DatabaseError(id == 1 ? .uniqueViolation : .constraint, "")) {
                    try await database.execute(Self.insertion.binding(values(id)))
                }
            }
            await #expect(throws: DatabaseError(.invalidValue, "")) {
                try await database.execute(Self.insertion.binding([.integer(2), .text("\0"), .null, .null]))
            }
            #expect(try await database.execute(Self.insertion.binding(values(2))) == 1)
            #expect(try await database.query("SELECT id FROM items").count == 2)
        }
    }

    @Test func `a failure is told in SQLite's words, without values`() async throws {
        try await withDatabase(.sqlite, migrations: [.stub()]) { database in
            do throws(DatabaseError) {
                try await database.execute("INSERT INTO parts (id, item_id) VALUES (1, \(123_456))")
                Issue.record("A row that refers to nothing was taken.")
            } catch {
                #expect(error.code == .foreignKey)
                #expect(error.detail == "SQLite 787: FOREIGN KEY constraint failed")
            }
        }
    }

    @Test func `a read is cancelled in the middle of a statement`() async throws {
        try await withDatabase(.sqlite, migrations: []) { database in
            let begun = AsyncStream<Void>.makeStream()
            let task = Task {
                try await database.read { connection throws(DatabaseError) in
                    begun.continuation.finish()
                    return try connection.query(
                        """
                        WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000000)
                        SELECT COUNT(*) AS count FROM numbers
                        """)
                }
            }
            for await _ in begun.stream {}
            task.cancel()
            await #expect(throws: DatabaseError(.cancelled, "")) { try await task.value }
        }
    }
}
