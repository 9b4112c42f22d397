/// Proof that a log of one size begins with all leaves that it had at a smaller one: nothing was changed or taken out.
///
/// https://www.rfc-editor.org/rfc/rfc6962#section-2.1.2
package struct ConsistencyProof: Hashable, Sendable {
    package let path: [SHA256Digest]

    package init(path: [SHA256Digest]) {
        self.path = path
    }

    /// Reads an answer of the consistency endpoint, `{"from","to","proof":[hex]}`.
    ///
    /// - Throws: `malformedJSON`, `refusedJSON`, `invalidProof`.
    package init(answer: [UInt8]) throws(AuditError) {
        guard let texts = try JSONParser.parse(answer).object?["proof"]?.array else {
            throw AuditError(.invalidProof, "the answer holds no proof")
        }
        path = texts.compactMap { $0.string.flatMap(SHA256Digest.init(hexadecimal:)) }
        guard path.count == texts.count else { throw AuditError(.invalidProof, "a line of the proof is not a hash") }
    }

    /// Proves that the log of the smaller size is a beginning of the larger one.
    ///
    /// - Precondition: `0 < oldSize <= newSize`.
    package init<Nodes: MerkleNodes>(
        from oldSize: UInt64, to newSize: UInt64, nodes: Nodes
    ) throws(Nodes.Failure) {
        precondition(oldSize > 0 && oldSize <= newSize, "only a log that began can be proved to go on")
        var path: [SHA256Digest] = []
        var start: UInt64 = 0
        var end = newSize
        while oldSize < end {
            let split = start + MerkleTree.largestPowerOfTwo(below: end - start)
            if oldSize <= split {
                path.append(try nodes.root(from: split, to: end))
                end = split
            } else {
                path.append(try nodes.root(from: start, to: split))
                start = split
            }
        }
        // What is left is a subtree that both logs have whole. The verifier knows it already if it is the old log itself.
        if start > 0 { path.append(try nodes.root(from: start, to: end)) }
        self.path = path.reversed()
    }

    /// Whether the two roots are of one log.
    ///
    /// Every log begins with the empty one, which needs no proof.
    ///
    /// https://www.rfc-editor.org/rfc/rfc9162#section-2.1.4.2
    package func isValid(oldSize: UInt64, oldRoot: SHA256Digest, newSize: UInt64, newRoot: SHA256Digest) -> Bool {
        guard oldSize <= newSize else { return false }
        if oldSize == newSize { return path.isEmpty && oldRoot == newRoot }
        if oldSize == 0 { return path.isEmpty && oldRoot == MerkleHash.emptyRoot }
        let isPerfect = oldSize.nonzeroBitCount == 1
        let nodes = isPerfect ? [oldRoot] + path : path
        guard let first = nodes.first else { return false }
        // Levels at which the old log's last subtree has no sibling of its own: the ones that its last index ends in.
        let shared = UInt64((~(oldSize - 1)).trailingZeroBitCount)
        var node = (oldSize - 1) >> shared
        var last = (newSize - 1) >> shared
        var old = first
        var new = first
        for sibling in nodes.dropFirst() {
            guard last > 0 else { return false }
            if node & 1 == 1 || node == last {
                old = MerkleHash.node(sibling, old)
                new = MerkleHash.node(sibling, new)
                while node & 1 == 0, node > 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                new = MerkleHash.node(new, sibling)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && old == oldRoot && new == newRoot
    }
}
