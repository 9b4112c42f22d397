extension Database {
    /// Opens a PostgreSQL database, which must exist, and brings its schema up to date.
    ///
    /// Several processes may open a fresh database at once: one of them applies each migration, the others wait. TLS is
    /// as `url` says, such as `sslmode=verify-full`. A connection pooler on the way must keep a session to a connection.
    ///
    /// - Parameters:
    ///   - url: `postgres://user:password@host/database?…`, see
    ///     https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING.
    ///   - poolSize: How many transactions run at once, each on a connection. One more connection hears
    ///     announcements, and each `TransactionGroup` has one.
    ///   - migrations: The tables this program needs, from every module that owns some, in any order.
    /// - Throws: `migration` if the database was written by a newer program or a migration fails; `connectionLost`,
    ///   `busy`; `other` if `url` is none. No error holds a part of `url`.
    package static func open(
        url: String, poolSize: Int = 8, migrations: [Migration]
    ) async throws(DatabaseError) -> Database {
        try await open(url: url, limits: QueueLimits(threadCountMax: poolSize), migrations: migrations)
    }

    static func open(
        url: String, limits: QueueLimits, migrations: [Migration]
    ) async throws(DatabaseError) -> Database {
        let database = Database(engine: try PostgresEngine(url: url, limits: limits))
        try await Migrator(migrations: migrations).migrate(database)
        return database
    }
}
