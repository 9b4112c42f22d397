import TestSupport
import Testing

@testable import Database

@Suite(.timeLimit(.minutes(5)))
struct PostgresConnectionLossTests {
    private func ids(_ database: Database) async throws -> [Int] {
        try await database.query("SELECT id FROM items ORDER BY id").map { try $0.decode("id", as: Int.self) }
    }

    @Test func `connections that broke between transactions are made again unnoticed`() async throws {
        try await withTwoDatabases(.postgres, migrations: [.stub()]) { database, observer in
            _ = try await observer.query(terminationOfOthers)
            let none = try await ids(database)
            #expect(none.isEmpty)
            _ = try await observer.query(terminationOfOthers)
            try await database.execute("INSERT INTO items (id) VALUES (1)")
            _ = try await observer.query(terminationOfOthers)
            let count = try await database.read { connection throws(DatabaseError) in
                try connection.query("SELECT id FROM items").count
            }
            #expect(count == 1)
            _ = try await observer.query(terminationOfOthers)
            _ = try await database.write(holding: [TransactionLock("a")]) { connection throws(DatabaseError) in
                try connection.execute("INSERT INTO items (id) VALUES (2)")
            }
            let stored = try await ids(database)
            #expect(stored == [1, 2])
        }
    }

    @Test func `a transaction whose connection breaks half-way is run once more`() async throws {
        try await withDatabase(.postgres, migrations: [.stub()]) { database in
            let reads = Counter()
            let count = try await database.read { connection throws(DatabaseError) in
                if reads.increment() == 1 { _ = try connection.query(terminationOfSelf) }
                return try connection.query("SELECT id FROM items").count
            }
            #expect((count, reads.value) == (0, 2))

            let writes = Counter()
            try await database.write { connection throws(DatabaseError) in
                try connection.execute("INSERT INTO items (id) VALUES (1)")
                if writes.increment() == 1 { _ = try connection.query(terminationOfSelf) }
            }
            let stored = try await ids(database)
            #expect(stored == [1])
            #expect(writes.value == 2)
        }
    }

    @Test func `one whose connection breaks each time is given up`() async throws {
        try await withDatabase(.postgres, migrations: [.stub()]) { database in
            let runs = Counter()
            await #expect(throws: DatabaseError(.connectionLost, "")) {
                try await database.write { connection throws(DatabaseError) in
                    runs.increment()
                    try connection.execute("INSERT INTO items (id) VALUES (1)")
                    _ = try connection.query(terminationOfSelf)
                }
            }
            #expect(runs.value == 2)
            let stored = try await ids(database)
            #expect(stored == [])
        }
    }

    /// A trigger that waits for the commit and then ends the connection.
    private let fatalCommit = Migration.stub(
        2, name: "fatal commit",
        """
        CREATE FUNCTION hang_up() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER hang_up AFTER INSERT ON parts DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION hang_up();
        """)

    @Test func `when it breaks during the commit the caller is told, and nothing is repeated`() async throws {
        try await withDatabase(.postgres, migrations: [.stub(), fatalCommit]) { database in
            let runs = Counter()
            await #expect(throws: DatabaseError(.connectionLost, "")) {
                try await database.write { connection throws(DatabaseError) in
                    runs.increment()
                    try connection.execute("INSERT INTO items (id) VALUES (1)")
                    try connection.execute("INSERT INTO parts (id, item_id) VALUES (1, 1)")
                }
            }
            #expect(runs.value == 1)
            try await database.execute("INSERT INTO items (id) VALUES (2)")
            let stored = try await ids(database)
            #expect(stored.contains(2))
        }
    }

    @Test func `a commit in doubt counts as an announcement`() async throws {
        try await withDatabase(.postgres, migrations: [.stub(), fatalCommit]) { database in
            let topic = ChangeTopic(1)
            try await Blocking.until { database.changeToken(for: topic) == database.changeToken(for: topic) }
            let token = database.changeToken(for: topic)
            await #expect(throws: DatabaseError(.connectionLost, "")) {
                try await database.write { connection throws(DatabaseError) in
                    try connection.announce(topic)
                    try connection.execute("INSERT INTO items (id) VALUES (1)")
                    try connection.execute("INSERT INTO parts (id, item_id) VALUES (1, 1)")
                }
            }
            #expect(database.changeToken(for: topic) != token)
        }
    }

    @Test func `a server that is not there is said to be lost`() async throws {
        await #expect(throws: DatabaseError(.connectionLost, "")) {
            try await Database.open(url: "postgres://user@/db?host=/nowhere", migrations: [])
        }
    }

    @Test func `everything is closed when the database is let go`() async throws {
        try await withTestDatabase(.postgres) { test in
            let observer = try await test.open(limits: .init(threadCountMax: 1), migrations: [])
            func connectionCount() async throws -> Int {
                try await observer.query(
                    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                ).count
            }
            func useAnother() async throws {
                let database = try await test.open(migrations: [.stub()])
                let topic = ChangeTopic(1)
                try await Blocking.until { database.changeToken(for: topic) == database.changeToken(for: topic) }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for id in 0..<20 {
                        group.addTask { try await database.execute("INSERT INTO items (id) VALUES (\(id))") }
                    }
                    group.addTask {
                        try await database.write(inGroup: GroupTestBed.group) { _ throws(DatabaseError) in }
                    }
                    try await group.waitForAll()
                }
                let count = try await connectionCount()
                #expect(count > 2)
            }
            try await useAnother()
            try await Blocking.until { try await connectionCount() == 0 }
        }
    }
}
