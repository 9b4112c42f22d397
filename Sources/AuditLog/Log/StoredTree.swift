import Audit
import Database

/// The tree of a log as it is stored, read tile by tile within one transaction. Tiles that were read are kept.
///
/// https://c2sp.org/tlog-tiles
final class StoredTree: MerkleNodes {
    /// How many leaves the log has, or had at the moment that is of interest.
    let size: UInt64

    private let connection: Connection
    /// By level and index: the hashes of a tile, and all perfect subtrees over them.
    private var tiles: [LogTile.Content: [UInt64: [[SHA256Digest]]]] = [:]

    init(size: UInt64, _ connection: Connection) {
        self.size = size
        self.connection = connection
    }

    func node(level: Int, index: UInt64) throws(DatabaseError) -> SHA256Digest {
        let (tileLevel, height) = level.quotientAndRemainder(dividingBy: LogTile.heightBits)
        let first = index << UInt64(height)
        let subtrees = try subtrees(level: tileLevel, tile: first >> UInt64(LogTile.heightBits))[height]
        let place = Int(first & UInt64(LogTile.widthMax - 1)) >> height
        guard place < subtrees.count else {
            throw StoredLog.damage("hash \(first) of level \(tileLevel) is missing from the tree")
        }
        return subtrees[place]
    }

    /// The log's right edge as it was at some size.
    func frontier(atSize size: UInt64) throws(DatabaseError) -> MerkleFrontier {
        var subtrees: [SHA256Digest] = []
        var start: UInt64 = 0
        for level in (0..<UInt64.bitWidth).reversed() where size >> UInt64(level) & 1 == 1 {
            subtrees.append(try node(level: level, index: start >> UInt64(level)))
            start += 1 << UInt64(level)
        }
        guard let frontier = MerkleFrontier(size: size, subtrees: subtrees) else {
            preconditionFailure("there is one subtree for every bit of the size")
        }
        return frontier
    }

    /// What is needed to append to the log.
    func tail() throws(DatabaseError) -> LogTail {
        let isEven = size & UInt64(LogTile.widthMax - 1) == 0
        return LogTail(
            frontier: try frontier(atSize: size),
            leafHashes: isEven ? [] : try hashes(level: 0, tile: size >> UInt64(LogTile.heightBits)),
            lastLeafHash: size == 0 ? nil : try node(level: 0, index: size - 1))
    }

    /// The hashes of a tile, as many as a log of this size has.
    func hashes(level: Int, tile: UInt64) throws(DatabaseError) -> [SHA256Digest] {
        try subtrees(level: level, tile: tile)[0]
    }

    private func subtrees(level: Int, tile: UInt64) throws(DatabaseError) -> [[SHA256Digest]] {
        let content = LogTile.Content.hashes(level: level)
        if let subtrees = tiles[content]?[tile] { return subtrees }
        let count = size >> UInt64(LogTile.heightBits * level)
        let width = Int(min(count - min(count, tile << UInt64(LogTile.heightBits)), UInt64(LogTile.widthMax)))
        let hashes =
            level == 0 && width < LogTile.widthMax
            ? try StoredLog.entries(tile << UInt64(LogTile.heightBits)..<size, connection).map { MerkleHash.leaf($0) }
            : Array(try StoredLog.tile(level: level, index: tile, connection).prefix(width))
        guard hashes.count == width else {
            throw StoredLog.damage("tile \(tile) of level \(level) is not complete")
        }
        var subtrees = [hashes]
        for height in 1..<LogTile.heightBits {
            let below = subtrees[height - 1]
            subtrees.append(
                stride(from: 0, to: below.count - 1, by: 2).map { MerkleHash.node(below[$0], below[$0 + 1]) })
        }
        tiles[content, default: [:]][tile] = subtrees
        return subtrees
    }
}
