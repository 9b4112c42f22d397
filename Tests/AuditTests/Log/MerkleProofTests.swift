import Audit
import Testing

struct MerkleProofTests {
    /// The leaves and roots by which Certificate Transparency logs are tested.
    private static let entries: [[UInt8]] = [
        [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], Array(0x40...0x43), Array(0x50...0x57), Array(0x60...0x6F),
    ]
    private static let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    /// Logs of every size up to 40, and their roots.
    private let logs: [MemoryNodes] = (0...40).map { size in
        MemoryNodes(entries: (0..<size).map { Array("entry \($0)".utf8) })
    }

    private func leafHash(_ index: UInt64) -> SHA256Digest { MerkleHash.leaf(Array("entry \(index)".utf8)) }

    @Test func `roots are those of Certificate Transparency`() {
        var frontier = MerkleFrontier()
        #expect(frontier.root.hexadecimal == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        for (entry, root) in zip(Self.entries, Self.roots) {
            frontier.append(leafHash: MerkleHash.leaf(entry))
            #expect(frontier.root.hexadecimal == root)
        }
    }

    @Test func `a frontier that was stored goes on as if it had not been`() throws {
        var stored = MerkleFrontier()
        for entry in Self.entries {
            stored = try #require(MerkleFrontier(size: stored.size, subtrees: stored.subtrees))
            stored.append(leafHash: MerkleHash.leaf(entry))
        }
        #expect(stored.root.hexadecimal == Self.roots.last)
        #expect(MerkleFrontier(size: 3, subtrees: [MerkleHash.emptyRoot]) == nil)
    }

    @Test func `every leaf of every log is proved, at its index and nowhere else`() {
        for (size, log) in logs.enumerated() {
            for index in 0..<UInt64(size) {
                let proof = InclusionProof(index: index, size: UInt64(size), nodes: log)
                for other in 0...UInt64(size) {
                    let root = proof.root(leafHash: leafHash(index), index: other, size: UInt64(size))
                    #expect((root == log.frontier.root) == (other == index))
                }
                #expect(proof.root(leafHash: leafHash(99), index: index, size: UInt64(size)) != log.frontier.root)
            }
        }
    }

    @Test func `a path that is too long, too short or changed proves nothing`() {
        for (size, log) in logs.enumerated() {
            for index in 0..<UInt64(size) {
                let path = InclusionProof(index: index, size: UInt64(size), nodes: log).path
                var mutants = [path + [leafHash(0)], [leafHash(0)] + path]
                if !path.isEmpty { mutants += [Array(path.dropLast()), Array(path.dropFirst())] }
                for place in path.indices {
                    var changed = path
                    changed[place] = leafHash(99)
                    mutants.append(changed)
                }
                for mutant in mutants {
                    let root = InclusionProof(path: mutant)
                        .root(leafHash: leafHash(index), index: index, size: UInt64(size))
                    #expect(root != log.frontier.root)
                }
            }
        }
    }

    @Test func `every log continues every smaller one, and no other`() {
        for (newSize, log) in logs.enumerated().dropFirst() {
            for oldSize in 1...newSize {
                let proof = ConsistencyProof(from: UInt64(oldSize), to: UInt64(newSize), nodes: log)
                func isValid(_ proof: ConsistencyProof, _ oldRoot: SHA256Digest) -> Bool {
                    proof.isValid(
                        oldSize: UInt64(oldSize), oldRoot: oldRoot, newSize: UInt64(newSize),
                        newRoot: log.frontier.root)
                }
                let oldRoot = logs[oldSize].frontier.root
                #expect(isValid(proof, oldRoot))
                #expect(!isValid(proof, logs[oldSize - 1].frontier.root))
                #expect(!isValid(ConsistencyProof(path: proof.path + [oldRoot]), oldRoot))
                #expect(!isValid(ConsistencyProof(path: [oldRoot] + proof.path), oldRoot))
                for place in proof.path.indices {
                    var changed = proof.path
                    changed[place] = leafHash(99)
                    #expect(!isValid(ConsistencyProof(path: changed), oldRoot))
                    changed.remove(at: place)
                    #expect(!isValid(ConsistencyProof(path: changed), oldRoot))
                }
            }
        }
    }

    @Test func `every log continues the empty one, and a smaller log continues none`() {
        let (empty, log) = (logs[0].frontier.root, logs[5].frontier.root)
        let nothing = ConsistencyProof(path: [])
        #expect(nothing.isValid(oldSize: 0, oldRoot: empty, newSize: 5, newRoot: log))
        #expect(!nothing.isValid(oldSize: 0, oldRoot: log, newSize: 5, newRoot: log))
        #expect(!nothing.isValid(oldSize: 5, oldRoot: log, newSize: 0, newRoot: empty))
        #expect(!nothing.isValid(oldSize: 4, oldRoot: logs[4].frontier.root, newSize: 5, newRoot: log))
    }

    @Test func `a proof that ends before the larger log's root does proves nothing`() {
        let proof = ConsistencyProof(from: 2, to: 3, nodes: logs[3])
        func isValid(_ newSize: UInt64) -> Bool {
            proof.isValid(
                oldSize: 2, oldRoot: logs[2].frontier.root, newSize: newSize, newRoot: logs[3].frontier.root)
        }
        #expect(isValid(3))
        #expect(!isValid(5))
        #expect(!isValid(.max))
    }

    @Test func `completed subtrees are told of once each, in the order in which they fill`() {
        var frontier = MerkleFrontier()
        var told: [[UInt64]] = []
        for index: UInt64 in 0..<6 {
            frontier.append(leafHash: leafHash(index)) { level, index, _ in told.append([UInt64(level), index]) }
        }
        #expect(told == [[0, 0], [0, 1], [1, 0], [0, 2], [0, 3], [1, 1], [2, 0], [0, 4], [0, 5], [1, 2]])
    }
}
