/// Two checkpoints that somebody was shown of what should be one log.
///
/// One log has one root at each size, and the larger of two goes on from the smaller. Two signed checkpoints for which
/// that is not so prove, to everybody who knows the log's keys, that its operator has shown two logs.
package struct CheckpointComparison: Sendable {
    package enum Verdict: Equatable, Sendable {
        /// One log can have both.
        case consistent
        /// No log can have both.
        case contradictory
    }

    package let smaller: Checkpoint
    package let larger: Checkpoint
    private let notes: [SignedNote]

    /// - Throws: `invalidNote`, `invalidCheckpoint`, also if they name different logs.
    package init(_ first: String, _ second: String) throws(AuditError) {
        notes = [try SignedNote(first), try SignedNote(second)]
        let checkpoints = [try Checkpoint(text: notes[0].text), try Checkpoint(text: notes[1].text)]
        guard checkpoints[0].origin.utf8.elementsEqual(checkpoints[1].origin.utf8) else {
            throw AuditError(.invalidCheckpoint, "the checkpoints are of different logs")
        }
        let isOrdered = checkpoints[0].size <= checkpoints[1].size
        smaller = checkpoints[isOrdered ? 0 : 1]
        larger = checkpoints[isOrdered ? 1 : 0]
    }

    /// Whether a proof is needed to compare them.
    package var needsProof: Bool { smaller.size > 0 && smaller.size < larger.size }

    /// - Throws: `invalidNote` unless each is signed by one of the keys of the log.
    package func checkSignatures(by keys: [NoteKey]) throws(AuditError) {
        for note in notes where try note.verify(by: keys).isEmpty {
            throw AuditError(.invalidNote, "a checkpoint is not signed by a known key of the log")
        }
    }

    /// What two checkpoints say that need no proof.
    package var verdict: Verdict {
        precondition(!needsProof, "checkpoints of two sizes need a proof")
        if smaller.size == larger.size { return smaller.root == larger.root ? .consistent : .contradictory }
        return .consistent
    }

    /// What a proof says.
    ///
    /// - Parameters:
    ///   - proof: That the larger log goes on from one of the smaller size.
    ///   - root: The root of that one; nil for the root that the smaller checkpoint names.
    /// - Returns: nil if the proof proves nothing.
    package func verdict(by proof: ConsistencyProof, from root: SHA256Digest? = nil) -> Verdict? {
        let root = root ?? smaller.root
        guard proof.isValid(oldSize: smaller.size, oldRoot: root, newSize: larger.size, newRoot: larger.root) else {
            return nil
        }
        return root == smaller.root ? .consistent : .contradictory
    }
}
