import TestSupport
import Testing

@testable import Database

struct SQLiteEngineTests {
    @Test func `the writer syncs every commit, checks foreign keys and waits for others`() async throws {
        try await withTemporaryFolder { folder in
            let database = try await Database.open(path: folder + "/test.db", migrations: [])
            // https://www.sqlite.org/pragma.html: 2 is FULL of `synchronous` and MEMORY of `temp_store`.
            let expected: [(pragma: String, value: SQLValue)] = [
                ("synchronous", .integer(2)), ("foreign_keys", .integer(1)), ("journal_mode", .text("wal")),
                ("temp_store", .integer(2)),
            ]
            for (pragma, value) in expected {
                let row = try await database.write { connection throws(DatabaseError) in
                    try connection.queryOne("PRAGMA \(unsafeSQL: pragma)")
                }
                #expect(row == Row(columns: [pragma], values: [value]))
            }
            let timeout = try await database.write { connection throws(DatabaseError) in
                try connection.queryOne("PRAGMA busy_timeout")
            }
            #expect(try timeout?.decode("timeout", as: Int.self) == 5000)
        }
    }

    @Test func `the file and its companions are readable by their owner only`() async throws {
        try await withTemporaryFolder { folder in
            let database = try await Database.open(path: folder + "/test.db", migrations: [.stub()])
            for name in ["/test.db", "/test.db-wal", "/test.db-shm"] {
                #expect(try mode(of: folder + name) == 0o600, "\(name)")
            }
            try await database.execute("INSERT INTO items (id) VALUES (1)")
        }
    }

    @Test func `what was committed is there after opening again`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/test.db"
            try await Database.open(path: path, migrations: [.stub()]).execute("INSERT INTO items (id) VALUES (7)")
            let row = try await Database.open(path: path, migrations: [.stub()]).queryOne("SELECT id FROM items")
            #expect(try row?.decode("id", as: Int.self) == 7)
        }
    }
}
