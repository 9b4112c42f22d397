package import Audit
import Database

/// All that the root had said of keys when a checkpoint was signed, each event with its proof under it.
package struct ProvedKeyEvents: Sendable {
    package let history: KeyHistory
    /// Ascending.
    package let events: [LoggedKeyEvent]
    /// What each of them is about.
    let keyIDs: [KeyID]
    /// The checkpoint's.
    let note: String

    /// The events about some keys.
    func about(_ keys: [KeyID]) -> [LoggedKeyEvent] {
        zip(keyIDs, events).filter { keys.contains($0.0) }.map(\.1)
    }
}

extension AuditLog {
    /// All that the root has said of keys, under a checkpoint that covers it.
    package func provedKeyEvents() async throws(AuditLogError) -> ProvedKeyEvents {
        let last: UInt64? = try await read { connection throws(DatabaseError) in
            try connection.queryOne("SELECT leaf_index FROM log_key_events ORDER BY leaf_index DESC LIMIT 1")?
                .decode("leaf_index", as: UInt64.self)
        }
        guard let last else { throw AuditLogError(.inconsistent, "the log has no key events") }
        let checkpoint = try await checkpoint(covering: last)
        return try await read { [self] connection throws(DatabaseError) in
            try provedKeyEvents(under: checkpoint, StoredTree(size: checkpoint.size, connection), connection)
        }
    }

    /// Those under one checkpoint never change, so the last ones asked for are kept.
    func provedKeyEvents(
        under checkpoint: SignedCheckpoint, _ tree: StoredTree, _ connection: Connection
    ) throws(DatabaseError) -> ProvedKeyEvents {
        if let kept = lastProvedKeyEvents, kept.note == checkpoint.note { return kept }
        let events = try KeyRing.storedEvents(signedBy: root, connection).filter { $0.index < checkpoint.size }
        guard let history = try? KeyHistory(events: events.map { ($0.index, $0.event) }) else {
            throw StoredLog.damage("the key events contradict each other")
        }
        let proved = ProvedKeyEvents(
            history: history,
            events: try events.map { event throws(DatabaseError) in
                LoggedKeyEvent(
                    index: event.index, envelope: event.envelope,
                    proof: try tree.proof(of: event.index, under: checkpoint))
            },
            keyIDs: events.map(\.event.keyID), note: checkpoint.note)
        lastProvedKeyEvents = proved
        return proved
    }
}
