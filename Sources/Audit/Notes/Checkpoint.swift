/// What a log commits to at one moment: its origin, its size and its root.
///
/// https://c2sp.org/tlog-checkpoint
package struct Checkpoint: Hashable, Sendable {
    package let origin: String
    package let size: UInt64
    package let root: SHA256Digest

    /// - Precondition: the origin is a name that notes allow.
    package init(origin: String, size: UInt64, root: SHA256Digest) {
        precondition(NoteKey.isValid(name: origin), "an origin is a line without spaces")
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// The text that a note signs.
    package var text: String { "\(origin)\n\(size)\n\(Base64.encode(root.bytes))\n" }

    /// Reads the text of a note. Extension lines are refused.
    ///
    /// - Throws: `invalidCheckpoint`.
    package init(text: String) throws(AuditError) {
        let lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { String(Substring($0)) }
        guard lines.count == 4, lines[3].isEmpty, NoteKey.isValid(name: lines[0]), let size = UInt64(lines[1]),
            String(size).utf8.elementsEqual(lines[1].utf8), let bytes = Base64.decode(lines[2]),
            let root = SHA256Digest(bytes: bytes)
        else { throw AuditError(.invalidCheckpoint, "the note is not a checkpoint of three lines") }
        guard size > 0 || root == MerkleHash.emptyRoot else {
            throw AuditError(.invalidCheckpoint, "the checkpoint of an empty log has another root")
        }
        self.init(origin: lines[0], size: size, root: root)
    }
}
