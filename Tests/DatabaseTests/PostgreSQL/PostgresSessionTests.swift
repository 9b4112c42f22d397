import TestSupport
import Testing

@testable import Database

struct PostgresSessionTests {
    private func setting(_ name: String, in connection: Connection) throws(DatabaseError) -> String? {
        let row = try connection.queryOne("SELECT current_setting(CAST(\(name) AS TEXT)) AS value")
        return try row?.decode("value", as: String.self)
    }

    @Test func `a session reads only, waits for nothing for ever, and syncs`() async throws {
        let expected = [
            "default_transaction_read_only": "on", "statement_timeout": "30s", "lock_timeout": "5s",
            "idle_in_transaction_session_timeout": "1min", "TimeZone": "UTC", "synchronous_commit": "on",
            "standard_conforming_strings": "on", "client_encoding": "UTF8", "application_name": "batchin",
        ]
        try await withTestDatabase(.postgres) { test in
            // As somebody may have set up the server for speed.
            let url = test.location + "&options=-csynchronous_commit%3Doff"
            let database = try await Database.open(url: url, migrations: [])
            for (name, value) in expected {
                let found = try await database.read { connection throws(DatabaseError) in
                    try setting(name, in: connection)
                }
                #expect(found == value, "\(name)")
            }
        }
    }

    @Test func `other processes on other machines may use the database too`() async throws {
        try await withDatabase(.postgres, migrations: []) { database in
            #expect(database.isShared)
        }
    }

    @Test func `each kind of transaction is isolated as it should be`() async throws {
        try await withDatabase(.postgres, migrations: []) { database in
            let isolation = "transaction_isolation"
            let reading = try await database.read { connection throws(DatabaseError) in
                try setting(isolation, in: connection)
            }
            #expect(reading == "repeatable read")
            let writing = try await database.write { connection throws(DatabaseError) in
                try setting(isolation, in: connection)
            }
            #expect(writing == "serializable")
            let holding = try await database.write(holding: [TransactionLock("a")]) {
                connection throws(DatabaseError) in
                try setting(isolation, in: connection)
            }
            #expect(holding == "read committed")
        }
    }

    @Test(arguments: [[], [TransactionLock("a")]])
    func `only a relaxed transaction does not wait for the disk`(locks: [TransactionLock]) async throws {
        try await withDatabase(.postgres, migrations: []) { database in
            for (durability, expected) in [(Durability.relaxed, "off"), (.synced, "on")] {
                let found = try await database.write(holding: locks, durability: durability) {
                    connection throws(DatabaseError) in
                    try setting("synchronous_commit", in: connection)
                }
                #expect(found == expected)
            }
        }
    }

    @Test func `truth is 0 or 1 as on SQLite, and small integers are integers`() async throws {
        try await withDatabase(.postgres, migrations: []) { database in
            let row = try await database.queryOne(
                "SELECT 1 < 2 AS yes, CAST(7 AS SMALLINT) AS small, CAST(-7 AS INTEGER) AS medium")
            #expect(try row?.decode("yes", as: Bool.self) == true)
            #expect(try row?.decode("small", as: Int.self) == 7)
            #expect(try row?.decode("medium", as: Int.self) == -7)
        }
    }

    @Test func `a column of a type that is not read is named, and the transaction goes on`() async throws {
        try await withDatabase(.postgres, migrations: [.stub()]) { database in
            try await database.write { connection throws(DatabaseError) in
                try connection.execute("INSERT INTO items (id) VALUES (1)")
                do throws(DatabaseError) {
                    _ = try connection.query("SELECT SUM(id) AS total FROM items")
                } catch {
                    guard error.code == .invalidRow, error.debugDescription.contains("column total is of numeric")
                    else { throw error }
                }
            }
            let count = try await database.query("SELECT id FROM items").count
            #expect(count == 1)
        }
    }

    @Test func `rows of a table that has changed are read again`() async throws {
        try await withTestDatabase(.postgres) { test in
            // With one connection, so that it is the one that knows the table as it was.
            let one = try await test.open(limits: .init(threadCountMax: 1), migrations: [.stub()])
            let other = try await test.open(migrations: [.stub()])
            let all: SQL = "SELECT * FROM parts"
            _ = try await one.query(all)
            _ = try await one.read { connection throws(DatabaseError) in try connection.query(all) }
            try await other.execute("INSERT INTO items (id) VALUES (1)")
            try await other.execute("INSERT INTO parts (id, item_id) VALUES (1, 1)")

            try await other.execute("ALTER TABLE parts ADD COLUMN weight BIGINT")
            let weight = try await one.queryOne(all)?.decode("weight", as: Int?.self)
            #expect(weight == nil)

            try await other.execute("ALTER TABLE parts ADD COLUMN length BIGINT")
            let runs = Counter()
            let row = try await one.read { connection throws(DatabaseError) in
                runs.increment()
                return try connection.queryOne(all)
            }
            #expect(try row?.decode("length", as: Int?.self) == nil)
            #expect(runs.value == 2)
        }
    }
}
