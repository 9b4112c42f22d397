import Audit

/// A whole log in memory.
struct MemoryNodes: MerkleNodes {
    private(set) var frontier = MerkleFrontier()
    private var levels: [[SHA256Digest]] = []

    init(entries: [[UInt8]] = []) {
        for entry in entries { append(entry) }
    }

    mutating func append(_ entry: [UInt8]) {
        var completed: [(level: Int, root: SHA256Digest)] = []
        frontier.append(leafHash: MerkleHash.leaf(entry)) { level, _, root in completed.append((level, root)) }
        for (level, root) in completed {
            if levels.count == level { levels.append([]) }
            levels[level].append(root)
        }
    }

    func node(level: Int, index: UInt64) throws(Never) -> SHA256Digest { levels[level][Int(index)] }
}
