import Dispatch
import TestSupport
import Testing

@testable import Database

@Suite(.timeLimit(.minutes(5)))
struct PostgresMigratorTests {
    /// When the only session that waits for a lock began to, in the server's words.
    private func waitingSince(_ database: Database) async throws -> String? {
        let row = try await database.queryOne(
            """
            SELECT CAST(query_start AS TEXT) AS since FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'
            """)
        return try row?.decode("since", as: String.self)
    }

    @Test func `a migration that takes longer than a lock is waited for is waited for all the same`() async throws {
        try await withTwoDatabases(.postgres, migrations: []) { database, observer in
            let gate = DispatchSemaphore(value: 0)
            let entered = AsyncStream<Void>.makeStream()
            let other = Task {
                try await database.write(holding: [TransactionLock("schema_migrations")]) { _ throws(DatabaseError) in
                    entered.continuation.finish()
                    gate.wait()
                }
            }
            for await _ in entered.stream {}
            let opening = Task { try await Migrator(migrations: [.stub()]).migrate(observer) }
            var first: String?
            try await Blocking.until {
                first = try await waitingSince(observer)
                return first != nil
            }
            // The first wait has ended with an error when there is a second one.
            try await Blocking.until {
                let since = try await waitingSince(observer)
                return since != nil && since != first
            }
            gate.signal()
            try await other.value
            try await opening.value
            #expect(try await observer.query("SELECT id FROM items").isEmpty)
        }
    }
}
