import TestSupport

@testable import Database

/// Ends all connections to the database but the one that this statement is run on, and waits until they are gone.
let terminationOfOthers: SQL = """
    SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    """

/// Ends the connection that this statement is run on.
let terminationOfSelf: SQL = "SELECT pg_terminate_backend(pg_backend_pid())"

extension TestDatabase {
    func open(limits: QueueLimits, migrations: [Migration]) async throws -> Database {
        try await Database.open(url: location, limits: limits, migrations: migrations)
    }
}
