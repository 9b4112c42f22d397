import Audit
import Testing

/// https://c2sp.org/tlog-checkpoint and https://c2sp.org/tlog-proof
struct CheckpointTests {
    private let root = SHA256Digest(of: "root")
    private var checkpoint: Checkpoint { Checkpoint(origin: "log.test/a", size: 7, root: root) }

    @Test func `a checkpoint is three lines`() throws {
        let hash = "SBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I="
        #expect(try Checkpoint(text: "log.test/a\n18446744073709551615\n\(hash)\n").size == .max)
        #expect(try Checkpoint(text: checkpoint.text) == checkpoint)
        for text in [
            "log.test/a\n07\n\(hash)\n", "log.test/a\n+7\n\(hash)\n", "log.test/a\n-7\n\(hash)\n",
            "log.test/a\n7\n\(hash)\nextension\n", "log.test/a\n7\n\(hash)", "\n7\n\(hash)\n", "a b\n7\n\(hash)\n",
            "log.test/a\n0\n\(hash)\n", "log.test/a\n18446744073709551616\n\(hash)\n", "log.test/a\n\n\(hash)\n",
            "log.test/a\n7\n\(hash.dropLast())\n", "log.test/a\n7\n\(hash.dropLast(2))9=\n", "",
        ] {
            #expect(throws: AuditError.self, "\(text)") { try Checkpoint(text: text) }
        }
    }

    @Test func `an empty log has one root`() throws {
        let empty = Checkpoint(origin: "log.test/a", size: 0, root: MerkleHash.emptyRoot)
        #expect(empty.text == "log.test/a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")
        #expect(try Checkpoint(text: empty.text) == empty)
    }

    @Test func `a log proof reads back as it was written, with and without a path`() throws {
        for path in [[], [root], [root, MerkleHash.emptyRoot]] {
            let proof = LogProof(index: 5, inclusion: InclusionProof(path: path), note: "a\n\nb\n")
            #expect(try LogProof(text: proof.text) == proof)
        }
    }

    @Test func `a log proof in any other form is refused`() {
        let text = LogProof(index: 5, inclusion: InclusionProof(path: [root, root]), note: "a\n\nb\n").text
        func with(_ old: String, _ new: String) -> String {
            text.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false).joined(separator: new)
        }
        for mutant in [
            "", with("index 5", "index 05"), with("index 5", "index"), with("index 5", "index +5"),
            with("index 5", "Index 5"), with("@v1", "@v2"), with("index 5", "extra AAAA\nindex 5"),
            with("index 5\n", ""), with("I=\n", "I\n"), "\n" + text, "c2sp.org/tlog-proof@v1\nindex 5\n",
        ] {
            #expect(throws: AuditError.self, "\(mutant)") { try LogProof(text: mutant) }
        }
    }
}
