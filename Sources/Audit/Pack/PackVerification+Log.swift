internal import Sodium

extension PackVerification {
    private var computedLeafHash: SHA256Digest? {
        guard case .success(let statement) = statement else { return nil }
        return LogLeaf(of: pack.envelope, type: statement.observation.leafType).hash
    }

    /// Whether `leaf_hash` is that of the leaf that belongs to the envelope.
    var leaf: Finding {
        guard let computedLeafHash else { return .notChecked("there is no statement") }
        return pack.log.leafHash.utf8.elementsEqual(computedLeafHash.hexadecimal.utf8)
            ? .pass : .fail("leaf_hash is not the hash of this record's leaf")
    }

    /// Whether that leaf is in the checkpoint's log, at its index.
    var inclusion: Finding {
        let proof: LogProof
        switch self.proof {
        case .failure(let error): return .fail(error.message)
        case .success(let value): proof = value
        }
        guard pack.log.index.utf8.elementsEqual(String(proof.index).utf8) else {
            return .fail("the proof is for another index")
        }
        guard let computedLeafHash, case .success(let checkpoint) = checkpoint else {
            return .notChecked("there is no leaf or no checkpoint")
        }
        let root = proof.inclusion.root(leafHash: computedLeafHash, index: proof.index, size: checkpoint.size)
        return root == checkpoint.root ? .pass : .fail("the record is not in the log at its index")
    }

    /// The log's keys, as the key events have them.
    private var logKeys: [(entry: KeyHistory.Entry, noteKey: NoteKey)] {
        guard case .success(let history) = history, case .success(let checkpoint) = checkpoint else { return [] }
        return history.entries.filter { $0.role == .log }
            .compactMap { entry in NoteKey(name: checkpoint.origin, publicKey: entry.key).map { (entry, $0) } }
    }

    /// The log's keys whose name and id stand under the note.
    var noteKeys: [KeyHistory.Entry] {
        guard case .success(let note) = note else { return [] }
        return logKeys.filter { _, key in
            note.signatures.contains { $0.keyID == key.id && $0.name.utf8.elementsEqual(key.name.utf8) }
        }.map(\.entry)
    }

    /// Whether a key of the log has signed the checkpoint, which is of the log that the statement belongs to.
    var checkpointSignature: Finding {
        guard case .success(let note) = note, case .success(let checkpoint) = checkpoint else {
            if case .failure = proof { return .notChecked("there is no checkpoint") }
            return .fail("the checkpoint is not one")
        }
        guard checkpoint.origin.utf8.elementsEqual(pack.log.origin.utf8) else {
            return .fail("the checkpoint is of another log")
        }
        if case .success(let statement) = statement, !checkpoint.origin.utf8.elementsEqual(statement.origin.utf8) {
            return .fail("the statement belongs to another log")
        }
        guard case .success = history else { return .notChecked("the log's keys are not known") }
        do throws(AuditError) {
            return try note.verify(by: logKeys.map(\.noteKey)).isEmpty
                ? .fail("the checkpoint is signed by no key of the log") : .pass
        } catch {
            return .fail(error.message)
        }
    }

    /// Whether the checkpoint continues the one that the verifier keeps.
    var consistencyWithPinned: Finding {
        guard let pinned = trust.pinned else { return .notChecked("no checkpoint is kept") }
        guard case .success(let checkpoint) = checkpoint else { return .notChecked("there is no checkpoint") }
        guard pinned.origin.utf8.elementsEqual(checkpoint.origin.utf8) else {
            return .fail("the kept checkpoint is of another log")
        }
        let (old, new) = pinned.size <= checkpoint.size ? (pinned, checkpoint) : (checkpoint, pinned)
        guard old.size == new.size || old.size == 0 || trust.consistency != nil else {
            return .notChecked("no proof connects the two checkpoints")
        }
        let isConsistent = (trust.consistency ?? ConsistencyProof(path: []))
            .isValid(oldSize: old.size, oldRoot: old.root, newSize: new.size, newRoot: new.root)
        return isConsistent ? .pass : .fail("the checkpoint contradicts the kept one")
    }
}
