import Foundation
import TestSupport
import Testing

@testable import Database

struct DatabaseErrorTests {
    private func withItem(_ engine: TestEngine, _ body: (Database) async throws -> Void) async throws {
        try await withDatabase(engine, migrations: [.stub()]) { database in
            try await database.execute("INSERT INTO items (id, name) VALUES (1, \("canary"))")
            try await body(database)
        }
    }

    private static let mistakes: [(SQL, DatabaseError.Code)] = [
        ("INSERT INTO items (id) VALUES (1)", .uniqueViolation),
        ("INSERT INTO items (id, name) VALUES (2, \("canary"))", .uniqueViolation),
        ("INSERT INTO parts (id, item_id) VALUES (1, \(99))", .foreignKey),
        ("INSERT INTO items (id, size) VALUES (2, 0)", .constraint),
        ("INSERT INTO parts (id, item_id) VALUES (1, NULL)", .constraint),
        ("SELECT \("canary") FROM nowhere", .other),
        ("SELEKT \("canary")", .other),
    ]

    @Test(arguments: mistakes.indices, TestEngine.allCases)
    func `each mistake has its code, and no value is shown`(index: Int, engine: TestEngine) async throws {
        let (sql, code) = Self.mistakes[index]
        try await withItem(engine) { database in
            let error = await #expect(throws: DatabaseError.self) { try await database.execute(sql) }
            #expect(error?.code == code)
            #expect(error.map { "\($0)" + $0.debugDescription }?.contains("canary") == false)
        }
    }

    @Test func `a file that is no database is refused as corrupt`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/test.db"
            try Data(repeating: UInt8(ascii: "x"), count: 8192).write(to: URL(filePath: path))
            await #expect(throws: DatabaseError(.corrupt, "")) {
                try await Database.open(path: path, migrations: [])
            }
        }
    }

    @Test func `a folder that does not exist is refused`() async throws {
        await #expect(throws: DatabaseError(.inputOutput, "")) {
            try await Database.open(path: "/nowhere/test.db", migrations: [])
        }
    }
}
