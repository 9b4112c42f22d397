import Dispatch
import GRDB
import Glibc

/// An SQLite file in WAL mode, with one connection that writes and a few that read.
///
/// GRDB runs each connection on a dispatch queue of its own; its asynchronous calls suspend the caller and leave the
/// cooperative threads alone. https://swiftpackageindex.com/groue/grdb.swift/documentation/grdb/concurrency
struct SQLiteEngine: Engine {
    private let pool: DatabasePool
    private let changes: ChangeFile
    private let checkpointer: SQLiteCheckpointer
    let writer: SQLiteWriter

    private static let busyTimeoutSeconds = 5.0
    private static let readerCountMax = 4
    /// What the writer keeps of the file in memory, in KiB.
    private static let cacheKibibytes = 8192
    /// So long may the write-ahead log become, in pages of 4 KiB, before the writer itself moves it into the file.
    static let logPagesMax = 16_384
    private static let openingRetryMicroseconds: UInt32 = 10_000

    static func open(
        path: String, logPagesMax: Int = logPagesMax
    ) async throws(DatabaseError) -> SQLiteEngine {
        let opened: Result<SQLiteEngine, DatabaseError> = await withCheckedContinuation { continuation in
            DispatchQueue(label: "database.open").async {
                continuation.resume(
                    returning: Result { () throws(DatabaseError) in
                        try SQLiteEngine(path: path, logPagesMax: logPagesMax)
                    })
            }
        }
        return try opened.get()
    }

    private init(path: String, logPagesMax: Int) throws(DatabaseError) {
        try PrivateFile.createIfAbsent(path: path)
        changes = try ChangeFile(path: path + "-changes")
        do {
            pool = try Self.openPool(path: path)
            // GRDB chooses NORMAL for the writer, which would lose the last commits on power loss.
            // https://www.sqlite.org/pragma.html#pragma_synchronous
            try pool.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                // What undoes a savepoint is needed only until its transaction ends, so it need not go to a file.
                // https://www.sqlite.org/tempfiles.html#statement_journal_files
                try database.execute(sql: "PRAGMA temp_store = MEMORY")
                try database.execute(sql: "PRAGMA cache_size = -\(Self.cacheKibibytes)")
                try database.execute(sql: "PRAGMA wal_autocheckpoint = \(logPagesMax)")
            }
            checkpointer = try SQLiteCheckpointer(path: path, configuration: Self.configuration)
        } catch {
            throw DatabaseError(sqlite: error)
        }
        writer = SQLiteWriter(pool: pool, changes: changes, checkpointer: checkpointer)
    }

    /// Opening a fresh file reads it and then writes it in one transaction, which SQLite refuses as busy at once,
    /// without the busy timeout, when another process wrote in between; so it is tried again for as long.
    /// https://www.sqlite.org/rescode.html#busy_snapshot
    private static func openPool(path: String) throws -> DatabasePool {
        let deadline = DispatchTime.now() + busyTimeoutSeconds
        while true {
            do {
                return try DatabasePool(path: path, configuration: configuration)
            } catch let error as GRDB.DatabaseError
                where error.resultCode == .SQLITE_BUSY && DispatchTime.now() < deadline
            {
                usleep(openingRetryMicroseconds)
            }
        }
    }

    private static var configuration: GRDB.Configuration {
        var configuration = GRDB.Configuration()
        configuration.busyMode = .timeout(busyTimeoutSeconds)
        configuration.foreignKeysEnabled = true
        configuration.maximumReaderCount = readerCountMax
        configuration.label = "database"
        return configuration
    }

    var isShared: Bool { false }

    func query(_ sql: SQL, countMax: Int) async throws(DatabaseError) -> [Row] {
        try await read { connection throws(DatabaseError) in
            try connection.session.query(sql, countMax: countMax)
        }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(DatabaseError) -> Value {
        do {
            return try await pool.read { database in
                try body(Connection(session: SQLiteSession(database: database)))
            }
        } catch {
            throw DatabaseError(sqlite: error)
        }
    }

    func write<Value: Sendable>(
        _ options: WriteOptions,
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(DatabaseError) -> Value {
        try await writer.write(body)
    }

    func changeToken(for topic: ChangeTopic) -> ChangeToken {
        changes.token(for: topic)
    }
}
