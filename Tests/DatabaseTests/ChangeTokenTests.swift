import Foundation
import TestSupport
import Testing

@testable import Database

struct ChangeTokenTests {
    private func withTwoDatabases(_ body: (Database, Database, _ path: String) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/test.db"
            let one = try await Database.open(path: path, migrations: [.stub()])
            let other = try await Database.open(path: path, migrations: [.stub()])
            try await body(one, other, path)
        }
    }

    /// Makes the last commit look an hour old, as waiting would.
    private func age(_ path: String) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -3600)],
            ofItemAtPath: path + "-wal")
    }

    private func logSize(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int
    }

    @Test func `reads leave the token as it is`() async throws {
        try await withTwoDatabases { one, other, path in
            try age(path)
            let token = one.changeToken()
            _ = try await one.query("SELECT id FROM items")
            _ = try await other.query("SELECT id FROM items")
            #expect(one.changeToken() == token)
            #expect(other.changeToken() == token)
        }
    }

    @Test func `a commit through either one changes the token of both`() async throws {
        try await withTwoDatabases { one, other, path in
            for (number, writer) in [one, other].enumerated() {
                try age(path)
                let tokens = [one.changeToken(), other.changeToken()]
                try await writer.execute("INSERT INTO items (id) VALUES (\(number))")
                #expect(one.changeToken() != tokens[0])
                #expect(other.changeToken() != tokens[1])
            }
        }
    }

    @Test func `a commit that overwrites the log without growing it changes the token`() async throws {
        try await withTwoDatabases { one, other, path in
            for number in 0..<50 {
                try await one.execute("INSERT INTO items (id) VALUES (\(number))")
            }
            let size = try logSize(path)
            // Once all of the log is in the database, the next commit starts the log over, in the same file.
            try await checkpoint(databaseAt: path)
            try age(path)
            let token = other.changeToken()
            try await one.execute("DELETE FROM items WHERE id = 1")
            #expect(try logSize(path) == size)
            #expect(other.changeToken() != token)
        }
    }

    @Test func `a token taken right after a commit equals no other`() async throws {
        try await withTwoDatabases { one, _, path in
            try await one.execute("INSERT INTO items (id) VALUES (1)")
            var status = stat()
            try #require(unsafe stat("\(path)-wal", &status) == 0)
            let committed = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
            func token(after nanoseconds: Int64) -> ChangeToken {
                ChangeToken(walPath: "\(path)-wal", now: committed + nanoseconds)
            }
            #expect(token(after: 1000) != token(after: 2000))
            #expect(token(after: 99_000_000) != token(after: 100_000_000))
            #expect(token(after: 100_000_000) == token(after: 900_000_000))
        }
    }

    @Test func `a log that does not exist is a state like any other`() {
        #expect(ChangeToken(walPath: "/nowhere/x-wal") == ChangeToken(walPath: "/nowhere/x-wal"))
    }
}
