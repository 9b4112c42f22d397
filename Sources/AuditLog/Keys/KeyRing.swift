package import Audit
import Database
import Sodium

/// What the log's root has said of keys, and the secrets of those that sign today.
struct KeyRing: Sendable {
    /// An event as it stands in the log.
    struct Event: Sendable {
        let index: UInt64
        let event: KeyEvent
        let envelope: DSSEEnvelope
    }

    let events: [Event]
    let history: KeyHistory
    let observed: StatementSigner
    let asserted: StatementSigner
    let log: LogSigner

    /// - Throws: `inconsistent` if what is stored is not what the root has signed; `keys` if a secret is missing.
    init(_ events: [Event], in folder: KeyFolder, origin: String) throws(AuditLogError) {
        self.events = events
        let history = try Self.history(of: events)
        self.history = history
        func active(_ role: KeyRole) throws(AuditLogError) -> Ed25519SigningKey {
            guard let entry = history.active(role) else {
                // A key that ends is replaced in the same transaction.
                throw AuditLogError(.inconsistent, "no key is active as \(role.rawValue)")
            }
            return try folder.key(role, entry.keyID)
        }
        observed = StatementSigner(key: try active(.statementObserved), observation: .gatewayObserved)
        asserted = StatementSigner(key: try active(.statementAsserted), observation: .userAsserted)
        log = try LogSigner(try active(.log), origin: origin)
    }

    func signer(_ observation: Observation) -> StatementSigner {
        switch observation {
        case .gatewayObserved: observed
        case .userAsserted: asserted
        }
    }

    static func history(of events: [Event]) throws(AuditLogError) -> KeyHistory {
        do {
            return try KeyHistory(events: events.map { ($0.index, $0.event) })
        } catch {
            throw AuditLogError(.inconsistent, "the stored key events contradict each other: \(error)")
        }
    }

    /// The stored events, ascending, each signed by the root and equal to its leaf.
    ///
    /// - Throws: `corrupt` if one is not.
    static func storedEvents(
        signedBy root: Ed25519PublicKey, _ connection: Connection
    ) throws(DatabaseError) -> [Event] {
        try allStoredEvents(signedBy: root, connection).map { index, event throws(DatabaseError) in
            guard let event else { throw StoredLog.damage("the key event at leaf \(index) is not what was logged") }
            return event
        }
    }

    /// All that is stored as events, ascending: nil where it is not what was logged.
    static func allStoredEvents(
        signedBy root: Ed25519PublicKey, _ connection: Connection
    ) throws(DatabaseError) -> [(index: UInt64, event: Event?)] {
        let rows = try connection.query(
            """
            SELECT k.leaf_index, k.envelope, e.entry FROM log_key_events k
            LEFT JOIN log_entries e ON e.leaf_index = k.leaf_index ORDER BY k.leaf_index
            """)
        return try rows.map { row throws(DatabaseError) in
            let index = try row.decode("leaf_index", as: UInt64.self)
            guard let (envelope, event) = parsed(row), envelope.isSigned(by: root),
                LogLeaf(of: envelope, type: .key).bytes == (try? row.decode("entry", as: [UInt8].self))
            else { return (index, nil) }
            return (index, Event(index: index, event: event, envelope: envelope))
        }
    }

    private static func parsed(_ row: Row) -> (DSSEEnvelope, KeyEvent)? {
        // Whatever is wrong with it, it is damaged.
        guard let text = try? row.decode("envelope", as: String.self),
            let envelope = try? DSSEEnvelope(try JSONParser.parse(Array(text.utf8))),
            let event = try? KeyEvent(try JSONParser.parse(envelope.payload))
        else { return nil }
        return (envelope, event)
    }
}

/// The key that signs checkpoints, and nothing else.
struct LogSigner: Sendable {
    private let key: Ed25519SigningKey
    private let name: NoteKey

    init(_ key: Ed25519SigningKey, origin: String) throws(AuditLogError) {
        guard let name = NoteKey(name: origin, publicKey: key.publicKey) else {
            throw AuditLogError(.identity, "the origin can't name a log")
        }
        self.key = key
        self.name = name
    }

    func note(on checkpoint: Checkpoint) -> String {
        SignedNote(signing: checkpoint.text, by: key, as: name).description
    }
}

extension KeyHistory {
    /// The key that signs in this role today: the last one that was added and has not ended.
    package func active(_ role: KeyRole) -> Entry? {
        entries.last { $0.role == role && $0.endedIndex == nil }
    }
}
