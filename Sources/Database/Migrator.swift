/// Brings a database's schema up to the migrations this program knows.
///
/// What was applied stands in the table `schema_migrations`. Each migration is a transaction of its own that also
/// records it, so a crash leaves whole steps only and the next start goes on from there. Several processes may do this at
/// once: all of it happens under one lock.
struct Migrator {
    private let migrations: [Migration]

    private static let lock = TransactionLock("schema_migrations")
    /// A try waits for 5 seconds, so this is a minute.
    private static let triesMax = 12

    init(migrations: [Migration]) {
        self.migrations = migrations.sorted { $0.version < $1.version }
    }

    func migrate(_ database: Database) async throws(DatabaseError) {
        try checkVersions()
        let applied = try await alone(in: database) { connection throws(DatabaseError) in
            try connection.execute(
                """
                CREATE TABLE IF NOT EXISTS schema_migrations (
                    version BIGINT PRIMARY KEY,
                    name TEXT NOT NULL,
                    applied_at BIGINT NOT NULL
                )
                """)
            return try Self.applied(connection)
        }
        try checkApplied(applied)
        for migration in migrations where applied[migration.version] == nil {
            try await apply(migration, to: database)
        }
    }

    private func checkVersions() throws(DatabaseError) {
        for (earlier, later) in zip(migrations, migrations.dropFirst()) where earlier.version == later.version {
            throw DatabaseError(
                .migration,
                "two migrations have the number \(later.version): \(earlier.name) and \(later.name)")
        }
    }

    /// A program must not touch tables that a later program has changed.
    private func checkApplied(_ applied: [Int: String]) throws(DatabaseError) {
        let names = Dictionary(uniqueKeysWithValues: migrations.map { ($0.version, $0.name) })
        for (version, name) in applied.sorted(by: { $0.key < $1.key }) {
            guard let known = names[version] else {
                throw DatabaseError(
                    .migration,
                    "the database is newer than this program: it has migration \(version) (\(name)); "
                        + "run the version that wrote it, or a later one")
            }
            guard known == name else {
                throw DatabaseError(
                    .migration,
                    "the database has migration \(version) as \(name), this program as \(known)")
            }
        }
    }

    private func apply(_ migration: Migration, to database: Database) async throws(DatabaseError) {
        let appliedAt = UnixTime.now()
        do {
            try await alone(in: database) { connection throws(DatabaseError) in
                // Another process may have applied it since we looked.
                guard try Self.applied(connection)[migration.version] == nil else { return }
                try connection.executeScript(migration.script)
                try connection.execute(
                    """
                    INSERT INTO schema_migrations (version, name, applied_at)
                    VALUES (\(migration.version), \(migration.name), \(appliedAt))
                    """)
            }
        } catch {
            switch error.code {
            case .busy, .diskFull, .inputOutput, .readOnly, .connectionLost:
                throw error
            default:
                throw DatabaseError(
                    .migration,
                    "migration \(migration.version) (\(migration.name)) failed",
                    detail: error.debugDescription)
            }
        }
    }

    /// Runs a transaction that no other process's migrations are beside. On a server, where a migration of much data may
    /// take longer than anybody waits for a lock, it is tried again.
    private func alone<Value: Sendable>(
        in database: Database,
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(DatabaseError) -> Value {
        for _ in 1..<(database.isShared ? Self.triesMax : 1) {
            do {
                return try await database.write(holding: [Self.lock], body)
            } catch let error where error.code == .busy {
                // Another process is at it, or uses a table that is to be changed.
            }
        }
        return try await database.write(holding: [Self.lock], body)
    }

    private static func applied(_ connection: Connection) throws(DatabaseError) -> [Int: String] {
        var applied: [Int: String] = [:]
        for row in try connection.query("SELECT version, name FROM schema_migrations") {
            applied[try row.decode("version", as: Int.self)] = try row.decode("name", as: String.self)
        }
        return applied
    }
}
