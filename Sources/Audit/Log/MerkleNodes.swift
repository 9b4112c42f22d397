/// The perfect subtrees of a log, wherever they are kept: in a table, in tiles, in memory.
///
/// A node's level is its height over the leaves, its index counts the nodes of its level from the left. Only perfect
/// subtrees within the log's size are ever asked for, and those never change once they exist.
package protocol MerkleNodes {
    associatedtype Failure: Error
    func node(level: Int, index: UInt64) throws(Failure) -> SHA256Digest
}

extension MerkleNodes {
    /// The root over the leaves `start` up to but not `end`, where `start` is where a subtree of that many leaves begins.
    ///
    /// https://www.rfc-editor.org/rfc/rfc6962#section-2.1
    func root(from start: UInt64, to end: UInt64) throws(Failure) -> SHA256Digest {
        let count = end - start
        if count.nonzeroBitCount == 1 {
            let level = count.trailingZeroBitCount
            return try node(level: level, index: start >> UInt64(level))
        }
        let split = start + MerkleTree.largestPowerOfTwo(below: count)
        return MerkleHash.node(try root(from: start, to: split), try root(from: split, to: end))
    }
}

/// Rules that all Merkle logs share.
enum MerkleTree {
    /// The size of the left half of a tree: the largest power of two that is less than its size.
    static func largestPowerOfTwo(below count: UInt64) -> UInt64 {
        precondition(count > 1, "a single leaf has no halves")
        return 1 << UInt64(63 - (count - 1).leadingZeroBitCount)
    }
}
