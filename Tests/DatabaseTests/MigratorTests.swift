import TestSupport
import Testing

@testable import Database

struct MigratorTests {
    private let first = Migration.stub(1, name: "first", "CREATE TABLE one (id BIGINT);")
    private let second = Migration.stub(2, name: "second", "ALTER TABLE one ADD COLUMN name TEXT;")

    private func applied(_ database: Database) async throws -> [String] {
        try await database.query("SELECT name FROM schema_migrations ORDER BY version")
            .map { try $0.decode("name", as: String.self) }
    }

    @Test func `migrations are applied by number, once`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/test.db"
            let database = try await Database.open(path: path, migrations: [second, first])
            #expect(try await applied(database) == ["first", "second"])
            let again = try await Database.open(path: path, migrations: [first, second])
            #expect(try await applied(again) == ["first", "second"])
        }
    }

    @Test func `a later program adds what is missing`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/test.db"
            _ = try await Database.open(path: path, migrations: [first])
            let later = try await Database.open(path: path, migrations: [first, second])
            #expect(try await applied(later) == ["first", "second"])
            #expect(try await later.query("SELECT name FROM one").isEmpty)
        }
    }

    @Test func `a database newer than the program is refused by name`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/test.db"
            _ = try await Database.open(path: path, migrations: [first, second])
            let error = await #expect(throws: DatabaseError.self) {
                try await Database.open(path: path, migrations: [first])
            }
            #expect(error?.code == .migration)
            #expect(error?.description.contains("newer") == true)
            #expect(error?.description.contains("2 (second)") == true)
        }
    }

    @Test func `another migration under the same number is refused`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/test.db"
            _ = try await Database.open(path: path, migrations: [first])
            await #expect(throws: DatabaseError(.migration, "")) {
                try await Database.open(path: path, migrations: [.stub(1, name: "other")])
            }
        }
    }

    @Test func `two migrations of one number are refused`() async throws {
        try await withTemporaryFolder { folder in
            await #expect(throws: DatabaseError(.migration, "")) {
                try await Database.open(path: folder + "/test.db", migrations: [first, .stub(1, name: "other")])
            }
        }
    }

    @Test func `a migration that fails half-way leaves nothing of itself`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/test.db"
            let broken = Migration.stub(2, name: "broken", "CREATE TABLE half (id BIGINT); CREATE TABEL nonsense;")
            await #expect(throws: DatabaseError(.migration, "")) {
                try await Database.open(path: path, migrations: [first, broken])
            }
            let database = try await Database.open(path: path, migrations: [first])
            #expect(try await applied(database) == ["first"])
            await #expect(throws: DatabaseError(.other, "")) { try await database.query("SELECT id FROM half") }
        }
    }

    @Test(arguments: 0..<10)
    func `several openings of a fresh database migrate once`(round: Int) async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/test.db"
            let databases = try await withThrowingTaskGroup(of: Database.self) { group in
                for _ in 0..<4 {
                    group.addTask { [first, second] in
                        try await Database.open(path: path, migrations: [first, second])
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for database in databases {
                #expect(try await applied(database) == ["first", "second"])
            }
        }
    }
}
