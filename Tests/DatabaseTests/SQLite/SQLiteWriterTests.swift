import Dispatch
import Foundation
import TestSupport
import Testing

@testable import Database

struct SQLiteWriterTests {
    private func withEngine(_ body: (SQLiteEngine, _ path: String) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/test.db"
            let engine = try await SQLiteEngine.open(path: path)
            try await engine.writer.write { connection throws(DatabaseError) in
                try connection.executeScript(Migration.itemsScript)
            }
            try await body(engine, path)
        }
    }

    /// Keeps the writer busy until `count` more writes wait, so that they are its next group.
    private func group<Value: Sendable>(
        of count: Int, on writer: SQLiteWriter, whileWaiting: () async throws -> Void = {},
        _ body: @escaping @Sendable (Int, Connection) throws(DatabaseError) -> Value
    ) async throws -> [Result<Value, DatabaseError>] {
        let gate = DispatchSemaphore(value: 0)
        let entered = AsyncStream<Void>.makeStream()
        let blocker = Task {
            try await writer.write { _ throws(DatabaseError) in
                entered.continuation.finish()
                gate.wait()
            }
        }
        for await _ in entered.stream {}
        return try await withThrowingTaskGroup(of: (Int, Result<Value, DatabaseError>).self) { tasks in
            for index in 0..<count {
                tasks.addTask {
                    do throws(DatabaseError) {
                        let value = try await writer.write { connection throws(DatabaseError) in
                            try body(index, connection)
                        }
                        return (index, .success(value))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            while writer.waitingCount < count { await Task.yield() }
            try await whileWaiting()
            gate.signal()
            try await blocker.value
            return try await tasks.reduce(into: [:]) { $0[$1.0] = $1.1 }.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    private func ids(_ engine: SQLiteEngine) async throws -> [Int] {
        try await engine.query("SELECT id FROM items ORDER BY id", countMax: .max)
            .map { try $0.decode("id", as: Int.self) }
    }

    @Test func `writes that wait together share a commit`() async throws {
        try await withEngine { engine, path in
            try await checkpoint(databaseAt: path)
            _ = try await group(of: 100, on: engine.writer) { index, connection throws(DatabaseError) in
                try connection.execute("INSERT INTO items (id) VALUES (\(index))")
            }
            #expect(try await ids(engine) == Array(0..<100))
            // One commit writes the page once; a hundred would write it a hundred times.
            let size = try FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int
            #expect(try #require(size) < 20 * 4096)
        }
    }

    @Test func `a write that throws is undone alone`() async throws {
        try await withEngine { engine, _ in
            let results = try await group(of: 10, on: engine.writer) { index, connection throws(DatabaseError) in
                try connection.execute("INSERT INTO items (id) VALUES (\(index))")
                if index % 3 == 0 { throw DatabaseError(.invalidRow, "stop") }
                return index
            }
            let stored = results.compactMap { try? $0.get() }
            #expect(stored == [1, 2, 4, 5, 7, 8])
            #expect(try await ids(engine) == stored)
        }
    }

    @Test func `a write that breaks a rule is undone alone`() async throws {
        try await withEngine { engine, _ in
            let results = try await group(of: 4, on: engine.writer) { index, connection throws(DatabaseError) in
                try connection.execute("INSERT INTO items (id) VALUES (\(index / 2))")
            }
            let failures = results.compactMap { result in
                if case .failure(let error) = result { error.code } else { nil }
            }
            #expect(failures == [.uniqueViolation, .uniqueViolation])
            #expect(try await ids(engine) == [0, 1])
        }
    }

    @Test func `when the disk is full, what was acknowledged is stored and nothing else`() async throws {
        try await withEngine { engine, _ in
            try await engine.writer.write { connection throws(DatabaseError) in
                _ = try connection.query("PRAGMA max_page_count = 20")
            }
            let results = try await group(of: 50, on: engine.writer) { index, connection throws(DatabaseError) in
                let name = String(repeating: "x", count: 4000) + String(index)
                try connection.execute("INSERT INTO items (id, name) VALUES (\(index), \(name))")
                return index
            }
            #expect(results.contains(.failure(DatabaseError(.diskFull, ""))))
            #expect(try await ids(engine) == results.compactMap { try? $0.get() })
        }
    }

    @Test func `a write that swallows a full disk stores nothing after it`() async throws {
        try await withEngine { engine, _ in
            try await engine.writer.write { connection throws(DatabaseError) in
                _ = try connection.query("PRAGMA max_page_count = 20")
            }
            let results = try await group(of: 10, on: engine.writer) { index, connection throws(DatabaseError) in
                let name = String(repeating: "x", count: 100_000)
                if index == 5 { _ = try? connection.execute("INSERT INTO items (id, name) VALUES (100, \(name))") }
                try connection.execute("INSERT INTO items (id) VALUES (\(index))")
                return index
            }
            #expect(try await ids(engine) == results.compactMap { try? $0.get() })
        }
    }

    @Test func `announcements of writes that throw are not made`() async throws {
        try await withEngine { engine, _ in
            let topics = [ChangeTopic(1), ChangeTopic(2)]
            let before = topics.map(engine.changeToken)
            _ = try await group(of: 2, on: engine.writer) { index, connection throws(DatabaseError) in
                try connection.announce(topics[index])
                if index == 1 { throw DatabaseError(.invalidRow, "stop") }
            }
            #expect(engine.changeToken(for: topics[0]) != before[0])
            #expect(engine.changeToken(for: topics[1]) == before[1])
        }
    }

    @Test func `too many waiting writes are refused as busy`() async throws {
        try await withEngine { engine, _ in
            let refused: () async throws -> Void = {
                await #expect(throws: DatabaseError(.busy, "")) {
                    try await engine.writer.write { _ throws(DatabaseError) in }
                }
            }
            let results = try await group(
                of: SQLiteWriter.waitingCountMax, on: engine.writer, whileWaiting: refused
            ) { index, _ throws(DatabaseError) in index }
            #expect(results.allSatisfy { (try? $0.get()) != nil })
        }
    }
}
