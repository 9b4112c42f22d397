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

    @Test(arguments: TestEngine.allCases)
    func `migrations are applied by number, once`(engine: TestEngine) async throws {
        try await withTestDatabase(engine) { test in
            let database = try await test.open(migrations: [second, first])
            #expect(try await applied(database) == ["first", "second"])
            let again = try await test.open(migrations: [first, second])
            #expect(try await applied(again) == ["first", "second"])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a later program adds what is missing`(engine: TestEngine) async throws {
        try await withTestDatabase(engine) { test in
            _ = try await test.open(migrations: [first])
            let later = try await test.open(migrations: [first, second])
            #expect(try await applied(later) == ["first", "second"])
            #expect(try await later.query("SELECT name FROM one").isEmpty)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a database newer than the program is refused by name`(engine: TestEngine) async throws {
        try await withTestDatabase(engine) { test in
            _ = try await test.open(migrations: [first, second])
            let error = await #expect(throws: DatabaseError.self) {
                try await test.open(migrations: [first])
            }
            #expect(error?.code == .migration)
            #expect(error?.description.contains("newer") == true)
            #expect(error?.description.contains("2 (second)") == true)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `another migration under the same number is refused`(engine: TestEngine) async throws {
        try await withTestDatabase(engine) { test in
            _ = try await test.open(migrations: [first])
            await #expect(throws: DatabaseError(.migration, "")) {
                try await test.open(migrations: [.stub(1, name: "other")])
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `two migrations of one number are refused`(engine: TestEngine) async throws {
        try await withTestDatabase(engine) { test in
            await #expect(throws: DatabaseError(.migration, "")) {
                try await test.open(migrations: [first, .stub(1, name: "other")])
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a migration that fails half-way leaves nothing of itself`(engine: TestEngine) async throws {
        try await withTestDatabase(engine) { test in
            let broken = Migration.stub(2, name: "broken", "CREATE TABLE half (id BIGINT); CREATE TABEL nonsense;")
            await #expect(throws: DatabaseError(.migration, "")) {
                try await test.open(migrations: [first, broken])
            }
            let database = try await test.open(migrations: [first])
            #expect(try await applied(database) == ["first"])
            await #expect(throws: DatabaseError(.other, "")) { try await database.query("SELECT id FROM half") }
        }
    }

    @Test(arguments: 0..<10, TestEngine.allCases)
    func `several openings of a fresh database migrate once`(round: Int, engine: TestEngine) async throws {
        try await withTestDatabase(engine) { test in
            let databases = try await withThrowingTaskGroup(of: Database.self) { group in
                for _ in 0..<8 {
                    group.addTask { [first, second] in
                        try await test.open(migrations: [first, second])
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
