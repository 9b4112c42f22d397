import Audit
import Database
import Sodium

extension AuditLog {
    /// Checks what a moment's work can: that the log ends as the last checkpoint says, that nothing was added or lost
    /// behind it, that the keys are those that the root knows, and that no later checkpoint is known elsewhere. The time
    /// it takes does not grow with the log.
    ///
    /// What is wrong stops the log from signing; it is no error.
    ///
    /// - Throws: `keys` if a secret is missing or others could have read it; `database`.
    func checkAtStart() async throws(AuditLogError) {
        do {
            try await read { [self] connection throws(DatabaseError) in try checkEnd(connection) }
            if let note = try await checkpointFile?.read() { try await check(savedNote: note) }
        } catch let error where error.code == .inconsistent {
            stopSigning(because: error.message)
        }
        do {
            _ = try keyRing(of: try await keyEvents())
        } catch let error where error.code == .inconsistent {
            stopSigning(because: error.message)
        }
    }

    /// More leaves are not looked at when a log is opened.
    private static let startCheckCountMax: UInt64 = 512

    private func checkEnd(_ connection: Connection) throws(DatabaseError) {
        let size = try StoredLog.size(connection)
        let tree = StoredTree(size: size, connection)
        let tail = try tree.tail()
        let audit = try LogAudit(log: self, connection)
        if let finding = try audit.strays(behind: size).first { throw StoredLog.damage(finding.description) }
        let last = try SignedCheckpoint.last(connection, origin: origin)
        // The leaves that no complete tile covers, and those behind the checkpoint. They come first, since each is named.
        let start = min(last?.size ?? 0, size - UInt64(tail.leafHashes.count))
        let finding = try audit.firstFinding(in: max(start, size - min(size, Self.startCheckCountMax))..<size)
        if let finding { throw StoredLog.damage(finding.description) }
        if let last {
            guard try tree.frontier(atSize: last.size).root == last.checkpoint.root else {
                throw StoredLog.damage("its tree is not that of the checkpoint of \(last.size) leaves")
            }
        }
    }

    /// Checks the log against a checkpoint that was kept elsewhere.
    ///
    /// - Throws: `inconsistent` if the log does not go on from it.
    func check(savedNote text: String) async throws(AuditLogError) {
        let events = try await keyEvents()
        let saved = try SignedCheckpoint(note: text, origin: origin, signedBy: KeyRing.history(of: events))
        let root: SHA256Digest
        do {
            root = try await self.root(atSize: saved.size)
        } catch let error where error.code == .outOfRange {
            throw AuditLogError(
                .inconsistent,
                "the audit log is shorter than the checkpoint that is kept in audit.checkpoint_file says: "
                    + "there were \(saved.size) leaves")
        }
        guard root == saved.checkpoint.root else {
            throw AuditLogError(
                .inconsistent,
                "the audit log does not go on from the checkpoint that is kept in audit.checkpoint_file, of "
                    + "\(saved.size) leaves")
        }
    }
}

extension SignedCheckpoint {
    /// Reads a checkpoint that was kept elsewhere.
    ///
    /// - Throws: `inconsistent` if it is not of this log, or was not signed by one of its keys.
    init(note text: String, origin: String, signedBy history: KeyHistory) throws(AuditLogError) {
        guard let checkpoint = try? Checkpoint(text: SignedNote(text).text), checkpoint.origin == origin,
            !history.signers(of: text, origin: origin).isEmpty
        else { throw AuditLogError(.inconsistent, "the checkpoint in audit.checkpoint_file is not one of this log") }
        self.init(checkpoint: checkpoint, note: text)
    }
}
