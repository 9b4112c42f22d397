/// The path from a leaf to the root of a log: it proves that the leaf is in the log, at its index.
///
/// https://www.rfc-editor.org/rfc/rfc6962#section-2.1.1
package struct InclusionProof: Hashable, Sendable {
    /// The path's hashes, from the leaf's sibling up to the root's child.
    package let path: [SHA256Digest]

    package init(path: [SHA256Digest]) {
        self.path = path
    }

    /// Proves the leaf at an index in a log of some size.
    ///
    /// - Precondition: `index < size`.
    package init<Nodes: MerkleNodes>(
        index: UInt64, size: UInt64, nodes: Nodes
    ) throws(Nodes.Failure) {
        precondition(index < size, "a leaf that is not in the log can't be proved")
        var path: [SHA256Digest] = []
        var start: UInt64 = 0
        var end = size
        while end - start > 1 {
            let split = start + MerkleTree.largestPowerOfTwo(below: end - start)
            if index < split {
                path.append(try nodes.root(from: split, to: end))
                end = split
            } else {
                path.append(try nodes.root(from: start, to: split))
                start = split
            }
        }
        self.path = path.reversed()
    }

    /// The root that a log of this size has if the leaf is in it at this index; nil if no path could look like this.
    ///
    /// https://www.rfc-editor.org/rfc/rfc9162#section-2.1.3.2
    package func root(leafHash: SHA256Digest, index: UInt64, size: UInt64) -> SHA256Digest? {
        guard index < size else { return nil }
        var node = index
        var last = size - 1
        var root = leafHash
        for sibling in path {
            guard last > 0 else { return nil }
            if node & 1 == 1 || node == last {
                root = MerkleHash.node(sibling, root)
                // A node without a sibling of its own rises until it has one.
                while node & 1 == 0, node > 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                root = MerkleHash.node(root, sibling)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 ? root : nil
    }
}
