import Audit
import Database
import Sodium
import TestSupport
import Testing

@testable import AuditLog

@Suite struct StoredTreeTests {
    @Test(arguments: TestEngine.allCases)
    func `roots, proofs and tiles of a stored log are those of its leaves`(engine: TestEngine) async throws {
        try await withDatabase(engine, migrations: AuditLog.migrations) { database in
            let leaves = try await append(1...700, to: database)
            try await database.read { connection throws(DatabaseError) in
                for size in [1, 2, 255, 256, 257, 511, 512, 513, 700] as [UInt64] {
                    try check(
                        StoredTree(size: size, connection), leaves, indexes: [0, 1, 254, 255, 256, 511, 512, 699])
                }
            }
        }
    }

    @Test func `a log of more than 256 tiles has one level more`() async throws {
        try await withDatabase(.sqlite, migrations: AuditLog.migrations) { database in
            let leaves = try await append(1...66_100, to: database)
            try await database.read { connection throws(DatabaseError) in
                for size in [65_535, 65_536, 65_537, 65_792, 66_100] as [UInt64] {
                    try check(StoredTree(size: size, connection), leaves, indexes: [0, 255, 65_535, 65_536, 66_099])
                }
            }
        }
    }

    @Test func `a log that goes on from what is stored has the same root`() async throws {
        try await withDatabase(.sqlite, migrations: AuditLog.migrations) { database in
            var leaves: [LeafAndFrontier] = []
            for end in [1, 3, 255, 256, 258, 512, 515] {
                leaves += try await append(leaves.count + 1...end, to: database)
                let root = try await database.read { connection throws(DatabaseError) in
                    try StoredTree(size: UInt64(end), connection).tail().frontier.root
                }
                #expect(root == frontier(of: leaves.map(\.entry)).root)
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `tiles are served as they are hashed, and only those that there are`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let log = try await installation.open()
            try await log.appendRecords(296)
            let entries = try await installation.database.read { connection throws(DatabaseError) in
                try StoredLog.entries(0..<300, connection)
            }
            func bytes(_ path: String) async throws -> [UInt8]? {
                try await log.bytes(of: try #require(LogTile(path: path)))
            }
            let hashes = entries.map { MerkleHash.leaf($0) }
            #expect(try await bytes("tile/0/000") == hashes[..<256].flatMap(\.bytes))
            #expect(try await bytes("tile/0/001.p/44") == hashes[256...].flatMap(\.bytes))
            #expect(try await bytes("tile/0/001.p/7") == hashes[256..<263].flatMap(\.bytes))
            #expect(try await bytes("tile/0/000.p/7") == hashes[..<7].flatMap(\.bytes))
            #expect(try await bytes("tile/1/000.p/1") == frontier(of: Array(entries[..<256])).root.bytes)
            #expect(try await bytes("tile/entries/000") == entries[..<256].flatMap(bundled))
            #expect(try await bytes("tile/entries/001.p/44") == entries[256...].flatMap(bundled))
            for path in ["tile/0/001", "tile/0/001.p/45", "tile/1/000", "tile/1/000.p/2", "tile/2/000.p/1"] {
                #expect(try await bytes(path) == nil)
            }
        }
    }
}

/// A leaf, and the log that ends with it.
private typealias LeafAndFrontier = (entry: [UInt8], root: SHA256Digest)

private func frontier(of entries: [[UInt8]]) -> MerkleFrontier {
    entries.reduce(into: MerkleFrontier()) { $0.append(leafHash: MerkleHash.leaf($1)) }
}

/// https://c2sp.org/tlog-tiles: big-endian lengths of two bytes.
private func bundled(_ entry: [UInt8]) -> [UInt8] {
    [UInt8(entry.count / 256), UInt8(entry.count % 256)] + entry
}

/// Appends leaves that hold no more than their numbers.
private func append(_ numbers: ClosedRange<Int>, to database: Database) async throws -> [LeafAndFrontier] {
    try await database.write(inGroup: .auditLog) { connection throws(DatabaseError) in
        var tail = try StoredTree(size: UInt64(numbers.lowerBound - 1), connection).tail()
        var leaves: [LeafAndFrontier] = []
        for number in numbers {
            let entry = Array("leaf \(number)".utf8)
            _ = try tail.append(entry, leafHash: MerkleHash.leaf(entry), connection)
            leaves.append((entry, tail.frontier.root))
        }
        return leaves
    }
}

/// Compares a stored log of some size with the leaves, which are checked in memory.
private func check(
    _ tree: StoredTree, _ leaves: [LeafAndFrontier], indexes: [UInt64]
) throws(DatabaseError) {
    let (size, root) = (tree.size, leaves[Int(tree.size) - 1].root)
    let (frontier, tail) = (try tree.frontier(atSize: size), try tree.tail())
    #expect(frontier.root == root)
    #expect(tail.frontier.root == root)
    for index in indexes where index < size {
        let leafHash = MerkleHash.leaf(leaves[Int(index)].entry)
        let inclusion = try InclusionProof(index: index, size: size, nodes: tree)
        #expect(inclusion.root(leafHash: leafHash, index: index, size: size) == root)
        let oldSize = index + 1
        let consistency = try ConsistencyProof(from: oldSize, to: size, nodes: tree)
        #expect(
            consistency.isValid(
                oldSize: oldSize, oldRoot: leaves[Int(index)].root, newSize: size, newRoot: root))
    }
}
