/// A Merkle log's right edge: all that is needed to append leaves and to know the root.
///
/// It holds the roots of the perfect subtrees that the leaves fall into, largest first: one for every bit of the size.
/// Appending takes one or two hashes on average and never more than the size has bits.
///
/// https://www.rfc-editor.org/rfc/rfc6962#section-2.1
package struct MerkleFrontier: Hashable, Sendable {
    /// How many leaves the log has.
    package private(set) var size: UInt64
    /// The roots of the perfect subtrees, from left to right.
    package private(set) var subtrees: [SHA256Digest]

    /// The frontier of an empty log.
    package init() {
        size = 0
        subtrees = []
    }

    /// A frontier that was stored; nil unless it has one subtree for every bit of the size.
    package init?(size: UInt64, subtrees: [SHA256Digest]) {
        guard subtrees.count == size.nonzeroBitCount else { return nil }
        self.size = size
        self.subtrees = subtrees
    }

    package mutating func append(leafHash: SHA256Digest) {
        append(leafHash: leafHash) { _, _, _ in }
    }

    /// Appends a leaf and tells of every perfect subtree that it completes, the leaf's own (level 0) first.
    ///
    /// - Parameter onComplete: takes the subtree's level, its index among those of its level, and its root.
    package mutating func append(
        leafHash: SHA256Digest, onComplete: (_ level: Int, _ index: UInt64, _ root: SHA256Digest) -> Void
    ) {
        var root = leafHash
        var level = 0
        onComplete(0, size, root)
        while size >> UInt64(level) & 1 == 1 {
            root = MerkleHash.node(subtrees.removeLast(), root)
            level += 1
            onComplete(level, size >> UInt64(level), root)
        }
        subtrees.append(root)
        size += 1
    }

    /// Appends a leaf and tells of every tile that it completes, from the bottom: the level of the tile's root among
    /// tiles, its index there, and the root.
    package mutating func appendCompletingTiles(
        leafHash: SHA256Digest
    ) -> [(level: Int, index: UInt64, root: SHA256Digest)] {
        var completed: [(level: Int, index: UInt64, root: SHA256Digest)] = []
        append(leafHash: leafHash) { level, index, root in
            guard level > 0, level.isMultiple(of: LogTile.heightBits) else { return }
            completed.append((level / LogTile.heightBits, index, root))
        }
        return completed
    }

    /// The root over all leaves.
    package var root: SHA256Digest {
        guard var root = subtrees.last else { return MerkleHash.emptyRoot }
        for subtree in subtrees.dropLast().reversed() {
            root = MerkleHash.node(subtree, root)
        }
        return root
    }
}
