import Foundation
import TestSupport
import Testing

@testable import Database

struct SQLiteCheckpointerTests {
    private func size(of path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
    }

    @Test(.timeLimit(.minutes(5)))
    func `what was committed is moved into the file although nobody closes it`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/test.db"
            let database = try await Database.open(path: path, migrations: [.stub()])
            let name = "a name that is found in the file"
            try await database.execute("INSERT INTO items (id, name) VALUES (1, \(name))")
            try await Blocking.until {
                try Data(contentsOf: URL(filePath: path)).range(of: Data(name.utf8)) != nil
            }
            #expect(try await database.query("SELECT id FROM items").count == 1)
        }
    }

    @Test func `the log stays short, however much is written`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/test.db"
            let engine = try await SQLiteEngine.open(path: path, logPagesMax: 100)
            try await engine.writer.write { connection throws(DatabaseError) in
                try connection.executeScript(Migration.itemsScript)
            }
            let bytes = [UInt8](repeating: 1, count: 40_000)
            for id in 0..<200 {
                try await engine.writer.write { connection throws(DatabaseError) in
                    _ = try connection.execute("INSERT INTO items (id, bytes) VALUES (\(id), \(bytes))")
                }
            }
            // What was written last, before it was seen to be too much, comes on top.
            #expect(try size(of: path + "-wal") < 200 * 4120)
            #expect(try size(of: path) > 150 * bytes.count)
        }
    }

    @Test func `a reader makes the log longer, and takes nothing from what is written`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/test.db"
            let engine = try await SQLiteEngine.open(path: path, logPagesMax: 10)
            try await engine.writer.write { connection throws(DatabaseError) in
                try connection.executeScript(Migration.itemsScript)
            }
            let counts = try await engine.read { connection throws(DatabaseError) in
                let before = try connection.query("SELECT id FROM items").count
                Blocking.wait(
                    for: Task {
                        for id in 0..<100 {
                            try await engine.writer.write { connection throws(DatabaseError) in
                                _ = try connection.execute("INSERT INTO items (id) VALUES (\(id))")
                            }
                        }
                    })
                return [before, try connection.query("SELECT id FROM items").count]
            }
            #expect(counts == [0, 0])
            #expect(try await engine.query("SELECT id FROM items", countMax: .max).count == 100)
        }
    }
}
