package import Audit
import Database

extension AuditLog {
    /// The bytes of a tile; nil if the log has not got so far.
    ///
    /// https://c2sp.org/tlog-tiles
    package func bytes(of tile: LogTile) async throws(AuditLogError) -> [UInt8]? {
        try await read { connection throws(DatabaseError) in
            let size = try StoredLog.size(connection)
            guard tile.exists(inLogOfSize: size) else { return nil }
            switch tile.content {
            case .hashes(let level):
                return try StoredTree(size: size, connection).hashes(level: level, tile: tile.index)
                    .prefix(tile.width).flatMap(\.bytes)
            case .entries:
                var bytes: [UInt8] = []
                for entry in try StoredLog.entries(tile.range, connection) {
                    guard let bundled = LogTile.bundled(entry) else {
                        throw StoredLog.damage("a leaf is longer than any leaf can be")
                    }
                    bytes += bundled
                }
                return bytes
            }
        }
    }

    /// How many leaves the log has.
    package func size() async throws(AuditLogError) -> UInt64 {
        try await read { connection throws(DatabaseError) in try StoredLog.size(connection) }
    }

    /// Proves that the log of one size goes on from that of a smaller one.
    ///
    /// - Throws: `outOfRange` unless 0 < `oldSize` <= `newSize` <= the log's size.
    package func consistencyProof(
        from oldSize: UInt64, to newSize: UInt64
    ) async throws(AuditLogError) -> ConsistencyProof {
        let proof: ConsistencyProof? = try await read { connection throws(DatabaseError) in
            let size = try StoredLog.size(connection)
            guard oldSize > 0, oldSize <= newSize, newSize <= size else { return nil }
            return try ConsistencyProof(from: oldSize, to: newSize, nodes: StoredTree(size: newSize, connection))
        }
        guard let proof else {
            throw AuditLogError(.outOfRange, "sizes must be 0 < from <= to <= the log's size")
        }
        return proof
    }
}

extension AuditLog {
    /// The root that the log had at a size.
    ///
    /// - Throws: `outOfRange` if it has not got so far.
    package func root(atSize size: UInt64) async throws(AuditLogError) -> SHA256Digest {
        let root: SHA256Digest? = try await read { connection throws(DatabaseError) in
            let current = try StoredLog.size(connection)
            guard size <= current else { return nil }
            return try StoredTree(size: current, connection).frontier(atSize: size).root
        }
        guard let root else { throw AuditLogError(.outOfRange, "the log has fewer leaves than \(size)") }
        return root
    }
}
