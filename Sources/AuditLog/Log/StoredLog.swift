import Audit
import Database

/// The rows of the log.
enum StoredLog {
    /// Something that is stored is not what was stored once.
    static func damage(_ message: String) -> DatabaseError {
        DatabaseError(.corrupt, "the audit log is damaged: \(message)")
    }

    /// The last leaf's index and bytes; nil if there is none.
    static func lastEntry(_ connection: Connection) throws(DatabaseError) -> (index: UInt64, entry: [UInt8])? {
        guard let row = try connection.queryOne(lastEntryQuery) else { return nil }
        return (try row.decode("leaf_index", as: UInt64.self), try row.decode("entry", as: [UInt8].self))
    }

    private static let lastEntryQuery = SQL.template(
        "SELECT leaf_index, entry FROM log_entries ORDER BY leaf_index DESC LIMIT 1")

    /// How many leaves there are.
    static func size(_ connection: Connection) throws(DatabaseError) -> UInt64 {
        try lastEntry(connection).map { $0.index + 1 } ?? 0
    }

    static func entry(_ index: UInt64, _ connection: Connection) throws(DatabaseError) -> [UInt8] {
        guard
            let row = try connection.queryOne(
                "SELECT entry FROM log_entries WHERE leaf_index = \(try SQLValue(index))")
        else { throw damage("leaf \(index) is missing") }
        return try row.decode("entry", as: [UInt8].self)
    }

    /// The leaves with these indexes, all of them.
    static func entries(_ range: Range<UInt64>, _ connection: Connection) throws(DatabaseError) -> [[UInt8]] {
        let rows = try connection.query(
            """
            SELECT leaf_index, entry FROM log_entries
            WHERE leaf_index >= \(try SQLValue(range.lowerBound)) AND leaf_index < \(try SQLValue(range.upperBound))
            ORDER BY leaf_index
            """)
        var entries: [[UInt8]] = []
        for row in rows {
            let expected = range.lowerBound + UInt64(entries.count)
            guard try row.decode("leaf_index", as: UInt64.self) == expected else {
                throw damage("leaf \(expected) is missing")
            }
            entries.append(try row.decode("entry", as: [UInt8].self))
        }
        guard entries.count == range.count else {
            throw damage("leaf \(range.lowerBound + UInt64(entries.count)) is missing")
        }
        return entries
    }

    static func addEntry(_ index: UInt64, _ entry: [UInt8], _ connection: Connection) throws(DatabaseError) {
        try connection.execute(insertion.binding([try SQLValue(index), entry.sqlValue]))
    }

    private static let insertion = SQL.template(
        "INSERT INTO log_entries (leaf_index, entry) VALUES (\(SQL.parameters(2)))")

    /// The stored hashes of a tile; none if there is no such tile.
    static func tile(
        level: Int, index: UInt64, _ connection: Connection
    ) throws(DatabaseError) -> [SHA256Digest] {
        let row = try connection.queryOne(
            "SELECT hashes FROM log_tiles WHERE level = \(level) AND tile_index = \(try SQLValue(index))")
        guard let bytes = try row?.decode("hashes", as: [UInt8].self) else { return [] }
        guard bytes.count.isMultiple(of: SHA256Digest.byteCount) else {
            throw damage("tile \(index) of level \(level) has another length")
        }
        return stride(from: 0, to: bytes.count, by: SHA256Digest.byteCount).compactMap { start in
            SHA256Digest(bytes: Array(bytes[start..<start + SHA256Digest.byteCount]))
        }
    }

    static func setTile(
        level: Int, index: UInt64, _ hashes: [SHA256Digest], _ connection: Connection
    ) throws(DatabaseError) {
        let bytes = hashes.flatMap(\.bytes)
        try connection.execute(
            """
            INSERT INTO log_tiles (level, tile_index, hashes) VALUES (\(level), \(try SQLValue(index)), \(bytes))
            ON CONFLICT (level, tile_index) DO UPDATE SET hashes = excluded.hashes
            """)
    }
}
