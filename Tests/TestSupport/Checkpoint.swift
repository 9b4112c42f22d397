import GRDB

/// Copies all of the write-ahead log into the database file, as SQLite does by itself every thousand pages.
package func checkpoint(databaseAt path: String) async throws {
    let pool = try DatabasePool(path: path)
    try await pool.writeWithoutTransaction { database in
        _ = try database.checkpoint(.full)
    }
}
