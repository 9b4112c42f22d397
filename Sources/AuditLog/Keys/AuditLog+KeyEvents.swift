package import Audit
import Database
package import Sodium

extension AuditLog {
    /// What the root says of a key.
    enum KeyChange: Sendable {
        case add(Ed25519PublicKey)
        case retire(KeyID, reason: String)
        case revoke(KeyID, reason: String, since: UInt64?)
    }

    /// Gives a role a new key, and retires the one that it had. Records that the old one signed stay good.
    ///
    /// Every process signs with the new key from its next record on.
    ///
    /// - Returns: the new key's id.
    /// - Throws: `identity` if this is not the log's root; `keys`.
    package func rotate(_ role: KeyRole, signedBy root: Ed25519SigningKey) async throws(AuditLogError) -> KeyID {
        let history = try await keyHistory()
        let key = try Self.newKey(role, in: folder)
        var changes = [(KeyChange.add(key), role)]
        if let old = history.active(role) { changes.append((.retire(old.keyID, reason: "rotated"), role)) }
        try await append(changes, signedBy: root)
        return KeyID(of: key)
    }

    /// Says that a key has been in other hands since some leaf of the log, and replaces it if it is in use.
    ///
    /// - Parameter since: Nil for now.
    /// - Throws: `outOfRange` if there is no such key, or no such leaf yet; `identity` if this is not the log's root;
    ///   `keys`.
    package func revoke(
        _ keyID: KeyID, since: UInt64?, reason: String, signedBy root: Ed25519SigningKey
    ) async throws(AuditLogError) {
        guard let entry = try await keyHistory().entry(for: keyID) else {
            throw AuditLogError(.outOfRange, "no key of this log has the id \(keyID)")
        }
        let size = try await read { connection throws(DatabaseError) in try StoredLog.size(connection) }
        guard since.map({ $0 < size }) ?? true else {
            throw AuditLogError(
                .outOfRange, "the log has \(size) leaves, so nothing has been wrong since leaf \(since ?? 0)")
        }
        var changes: [(KeyChange, KeyRole)] = []
        if entry.endedIndex == nil { changes.append((.add(try Self.newKey(entry.role, in: folder)), entry.role)) }
        changes.append((.revoke(keyID, reason: reason, since: since), entry.role))
        try await append(changes, signedBy: root)
    }

    /// All that the root has said of keys so far.
    package func keyHistory() async throws(AuditLogError) -> KeyHistory {
        try KeyRing.history(of: try await keyEvents())
    }

    func keyEvents() async throws(AuditLogError) -> [KeyRing.Event] {
        try await read { [root] connection throws(DatabaseError) in
            try KeyRing.storedEvents(signedBy: root, connection)
        }
    }

    private func append(
        _ changes: [(KeyChange, KeyRole)], signedBy root: Ed25519SigningKey
    ) async throws(AuditLogError) {
        guard root.publicKey == self.root else {
            throw AuditLogError(.identity, "this is not the root of the log")
        }
        var envelopes: [DSSEEnvelope] = []
        for (change, role) in changes {
            envelopes.append(try Self.sign(change, role, origin: origin, by: root, at: now()))
        }
        let events = try await keyEvents()
        try await write { [self, envelopes] connection throws(DatabaseError) in
            try withWritingState(connection) { state throws(DatabaseError) in
                guard state.keys.events.count == events.count else {
                    throw DatabaseError(.busy, "somebody else has changed keys at this moment; try again")
                }
                for envelope in envelopes { try Self.append(keyEvent: envelope, to: &state.tail, connection) }
                // Whoever appends next has to know of the new keys.
                state = try writingState(size: state.tail.size, connection)
            }
        }
    }

    static func append(
        keyEvent envelope: DSSEEnvelope, to tail: inout LogTail, _ connection: Connection
    ) throws(DatabaseError) {
        let leaf = LogLeaf(of: envelope, type: .key)
        let index = try tail.append(leaf.bytes, leafHash: leaf.hash, connection)
        let text = String(decoding: CanonicalJSON.encode(envelope.json), as: UTF8.self)
        try connection.execute(
            "INSERT INTO log_key_events (leaf_index, envelope) VALUES (\(try SQLValue(index)), \(text))")
    }

    /// Makes a key and stores its secret.
    static func newKey(_ role: KeyRole, in folder: KeyFolder) throws(AuditLogError) -> Ed25519PublicKey {
        let key: Ed25519SigningKey
        do {
            key = try Ed25519SigningKey()
        } catch {
            throw AuditLogError(.keys, "the cryptographic library can't be used")
        }
        try folder.add(key, role)
        return key.publicKey
    }

    static func sign(
        _ change: KeyChange, _ role: KeyRole, origin: String, by root: Ed25519SigningKey, at milliseconds: Int64
    ) throws(AuditLogError) -> DSSEEnvelope {
        let time = AuditTime(microsecondsSince1970: milliseconds * 1000)
        do {
            let event =
                switch change {
                case .add(let key): try KeyEvent.adding(key, as: role, origin: origin, at: time)
                case .retire(let keyID, let reason):
                    try KeyEvent(
                        origin: origin, role: role, keyID: keyID, action: .retire(reason: reason), time: time)
                case .revoke(let keyID, let reason, let since):
                    try KeyEvent(
                        origin: origin, role: role, keyID: keyID,
                        action: .revoke(reason: reason, compromisedSince: since), time: time)
                }
            return DSSEEnvelope(signing: event.payload, by: root)
        } catch {
            throw AuditLogError(.identity, "the key event can't be made: \(error)")
        }
    }
}
