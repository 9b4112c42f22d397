package import Audit
import Database

/// A checkpoint with the note that signs it.
package struct SignedCheckpoint: Sendable {
    package let checkpoint: Checkpoint
    /// The note, as it is served and saved.
    package let note: String

    package var size: UInt64 { checkpoint.size }
}

extension AuditLog {
    /// The last checkpoint that was signed; nil if there is none yet.
    package func lastCheckpoint() async throws(AuditLogError) -> SignedCheckpoint? {
        try await read { [origin] connection throws(DatabaseError) in
            try SignedCheckpoint.last(connection, origin: origin)
        }
    }

    /// A checkpoint that covers a leaf, made if there is none yet.
    ///
    /// - Throws: `outOfRange` if there is no such leaf; `inconsistent` if one would have to be made of a log that is.
    package func checkpoint(covering index: UInt64) async throws(AuditLogError) -> SignedCheckpoint {
        if let last = try await lastCheckpoint(), index < last.size { return last }
        let checkpoint = try await makeCheckpoint()
        guard index < checkpoint.size else { throw AuditLogError(.outOfRange, "the log has no leaf \(index)") }
        return checkpoint
    }

    /// Signs the log as it is, unless that is done already, and stores that before anybody sees it.
    ///
    /// - Throws: `inconsistent` if the log does not go on from the last checkpoint.
    @discardableResult
    package func makeCheckpoint() async throws(AuditLogError) -> SignedCheckpoint {
        if let last = try await lastCheckpoint(),
            try await read({ connection throws(DatabaseError) in try StoredLog.size(connection) }) == last.size
        {
            try await checkpointFile?.write(last)
            note(last)
            return last
        }
        let made = try await write { [self] connection throws(DatabaseError) in
            try withWritingState(connection) { state throws(DatabaseError) in
                try sign(state.tail.frontier, by: state.keys.log, connection)
            }
        }
        try await checkpointFile?.write(made)
        note(made)
        return made
    }

    /// Signs the log as it is, if it can be signed; to be called every second.
    ///
    /// - Throws: `inconsistent` once, when that is found out; `database`.
    package func makeCheckpointIfSound() async throws(AuditLogError) {
        guard inconsistency == nil else { return }
        try await makeCheckpoint()
    }

    private func sign(
        _ frontier: MerkleFrontier, by signer: LogSigner, _ connection: Connection
    ) throws(DatabaseError) -> SignedCheckpoint {
        let checkpoint = Checkpoint(origin: origin, size: frontier.size, root: frontier.root)
        let tree = StoredTree(size: frontier.size, connection)
        guard try tree.frontier(atSize: frontier.size) == frontier else {
            throw StoredLog.damage("the stored tree is not that of its leaves")
        }
        if let last = try SignedCheckpoint.last(connection, origin: origin) {
            guard last.size <= checkpoint.size, try tree.frontier(atSize: last.size).root == last.checkpoint.root else {
                throw StoredLog.damage("it does not go on from the checkpoint of \(last.size) leaves")
            }
            if last.size == checkpoint.size { return last }
        }
        let note = signer.note(on: checkpoint)
        try connection.execute(
            """
            INSERT INTO log_checkpoints (size, root, note, created_at)
            VALUES (\(try SQLValue(checkpoint.size)), \(checkpoint.root.bytes), \(note), \(now()))
            """)
        return SignedCheckpoint(checkpoint: checkpoint, note: note)
    }
}

extension SignedCheckpoint {
    static func last(_ connection: Connection, origin: String) throws(DatabaseError) -> SignedCheckpoint? {
        try connection.queryOne("SELECT size, root, note FROM log_checkpoints ORDER BY size DESC LIMIT 1")
            .map { row throws(DatabaseError) in try SignedCheckpoint(row: row, origin: origin) }
    }

    /// - Throws: `corrupt` if size and root are not those of the note.
    init(row: Row, origin: String) throws(DatabaseError) {
        let size = try row.decode("size", as: UInt64.self)
        note = try row.decode("note", as: String.self)
        guard let root = SHA256Digest(bytes: try row.decode("root", as: [UInt8].self)) else {
            throw StoredLog.damage("the root of the checkpoint of \(size) leaves is not one")
        }
        checkpoint = Checkpoint(origin: origin, size: size, root: root)
        guard note.utf8.starts(with: (checkpoint.text + "\n").utf8) else {
            throw StoredLog.damage("the checkpoint of \(size) leaves is not what was signed")
        }
    }
}
