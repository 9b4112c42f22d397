import Audit
import Database

/// Where a log ends: all that is needed to append to it.
struct LogTail: Sendable {
    private(set) var frontier: MerkleFrontier
    /// The hashes of the last leaves, which are in no complete tile yet.
    private(set) var leafHashes: [SHA256Digest]
    /// What the last leaf is known by.
    private(set) var lastLeafHash: SHA256Digest?

    init(frontier: MerkleFrontier, leafHashes: [SHA256Digest], lastLeafHash: SHA256Digest?) {
        self.frontier = frontier
        self.leafHashes = leafHashes
        self.lastLeafHash = lastLeafHash
    }

    var size: UInt64 { frontier.size }

    /// Appends a leaf, with the tiles that it completes.
    ///
    /// - Returns: its index.
    mutating func append(
        _ entry: [UInt8], leafHash: SHA256Digest, _ connection: Connection
    ) throws(DatabaseError) -> UInt64 {
        let index = frontier.size
        try StoredLog.addEntry(index, entry, connection)
        let completed = frontier.appendCompletingTiles(leafHash: leafHash)
        leafHashes.append(leafHash)
        lastLeafHash = leafHash
        for (level, tile, root) in completed {
            if level == 1 {
                try StoredLog.setTile(level: 0, index: tile, leafHashes, connection)
                leafHashes.removeAll(keepingCapacity: true)
            }
            let parent = tile >> UInt64(LogTile.heightBits)
            let siblings = try StoredLog.tile(level: level, index: parent, connection)
            guard UInt64(siblings.count) == tile & UInt64(LogTile.widthMax - 1) else {
                throw StoredLog.damage("tile \(parent) of level \(level) has \(siblings.count) hashes")
            }
            try StoredLog.setTile(level: level, index: parent, siblings + [root], connection)
        }
        return index
    }
}
