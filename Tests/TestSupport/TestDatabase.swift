package import Database
import Foundation
import Postgres
import Testing

/// The engines that everything stored in SQL is tested on.
package enum TestEngine: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sqlite
    case postgres

    package var testDescription: String { rawValue }
}

/// A database for one test, which may open it as often as it likes.
package struct TestDatabase: Sendable {
    package let engine: TestEngine
    /// The file's path, or the URL.
    package let location: String

    package func open(migrations: [Migration]) async throws -> Database {
        switch engine {
        case .sqlite: try await Database.open(path: location, migrations: migrations)
        case .postgres: try await Database.open(url: location, poolSize: 4, migrations: migrations)
        }
    }
}

/// Runs a test with a fresh database of this engine, opened, which is gone afterwards.
@discardableResult
package func withDatabase<Result>(
    _ engine: TestEngine,
    migrations: [Migration],
    _ body: (Database) async throws -> Result
) async throws -> Result {
    try await withTestDatabase(engine) { database in
        try await body(database.open(migrations: migrations))
    }
}

/// Opens the same fresh database twice, as two processes would.
@discardableResult
package func withTwoDatabases<Result>(
    _ engine: TestEngine,
    migrations: [Migration],
    _ body: (Database, Database) async throws -> Result
) async throws -> Result {
    try await withTestDatabase(engine) { database in
        try await body(database.open(migrations: migrations), database.open(migrations: migrations))
    }
}

/// Runs a test with a fresh database without tables, which is gone afterwards.
///
/// PostgreSQL is where `BATCHIN_TEST_POSTGRES` says, a URL whose role may create databases; `scripts/with-postgres.sh`
/// makes such a server. Without one the test fails.
@discardableResult
package func withTestDatabase<Result>(
    _ engine: TestEngine,
    _ body: (TestDatabase) async throws -> Result
) async throws -> Result {
    switch engine {
    case .sqlite:
        return try await withTemporaryFolder { folder in
            try await body(TestDatabase(engine: engine, location: folder + "/test.db"))
        }
    case .postgres:
        let server = try #require(
            ProcessInfo.processInfo.environment["BATCHIN_TEST_POSTGRES"],
            "BATCHIN_TEST_POSTGRES names no server: run the tests by scripts/with-postgres.sh")
        return try await postgresTests.run { try await withPostgresDatabase(on: server, body) }
    }
}

/// All tests run at once, and a server has only so many connections.
private let postgresTests = ConcurrencyLimit(20)

private func withPostgresDatabase<Result>(
    on server: String,
    _ body: (TestDatabase) async throws -> Result
) async throws -> Result {
    let name = "test_\(UUID().uuidString.lowercased().replacing("-", with: ""))"
    try await administer(server, "CREATE DATABASE \(name) TEMPLATE template1")
    let result = await Swift.Result.catching {
        try await body(TestDatabase(engine: .postgres, location: server.naming(database: name)))
    }
    try await administer(server, "DROP DATABASE \(name) WITH (FORCE)")
    return try result.get()
}

extension String {
    /// The URL of another database on the same server: of several names libpq takes the last.
    fileprivate func naming(database name: String) -> String {
        self + (contains("?") ? "&" : "?") + "dbname=\(name)"
    }
}

extension Result where Failure == any Error {
    fileprivate static func catching(_ body: () async throws -> Success) async -> Self {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}

/// Runs a statement that no transaction may hold, on a connection and a thread of its own.
private func administer(_ url: String, _ statement: String) async throws {
    let result: Result<Void, PostgresError> = await withCheckedContinuation { continuation in
        Thread.detachNewThread {
            continuation.resume(
                returning: Result { () throws(PostgresError) in
                    var connection = try PostgresConnection(url: url)
                    try connection.runWhenTemplateIsFree(statement)
                })
        }
    }
    try result.get()
}

extension PostgresConnection {
    /// `object_in_use`: while a database is copied, its template can't be connected to, and the other way round.
    fileprivate mutating func runWhenTemplateIsFree(_ statement: String) throws(PostgresError) {
        for _ in 0..<20 {
            do {
                try run(script: statement)
                return
            } catch let error where error.sqlState == "55006" {
                // The server has waited a few seconds already.
            }
        }
        try run(script: statement)
    }
}
