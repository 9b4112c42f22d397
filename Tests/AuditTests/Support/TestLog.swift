import Audit
import Sodium

/// A log with keys of its own, in memory, in which every pack can be made.
struct TestLog {
    static let origin = "batchin.test/vaas/log"

    let origin: String
    let root: Ed25519SigningKey
    let observed: Ed25519SigningKey
    let asserted: Ed25519SigningKey
    let log: Ed25519SigningKey
    let export: Ed25519SigningKey
    private(set) var nodes = MemoryNodes()
    private(set) var keyEvents: [(index: UInt64, keyID: KeyID, role: KeyRole, envelope: DSSEEnvelope)] = []

    /// A log whose four keys are added, in leaves 0 to 3.
    init(origin: String = Self.origin, seed: UInt8 = 1) throws {
        self.origin = origin
        func key(_ number: UInt8) throws -> Ed25519SigningKey {
            try Ed25519SigningKey(seed: [UInt8](repeating: seed &* 16 &+ number, count: 32))
        }
        root = try key(0)
        observed = try key(1)
        asserted = try key(2)
        log = try key(3)
        export = try key(4)
        for (key, role) in [
            (observed, KeyRole.statementObserved), (asserted, .statementAsserted), (log, .log), (export, .export),
        ] {
            try append(.adding(key.publicKey, as: role, origin: origin, at: Self.time))
        }
    }

    static let time = AuditTime(microsecondsSince1970: 1_795_414_509_123_456)

    var size: UInt64 { nodes.frontier.size }
    var trust: TrustPolicy { TrustPolicy(roots: [root.publicKey]) }
    var checkpoint: Checkpoint { Checkpoint(origin: origin, size: size, root: nodes.frontier.root) }

    mutating func append(
        _ event: KeyEvent, spelled payload: [UInt8]? = nil, signedBy signer: Ed25519SigningKey? = nil
    ) throws {
        let envelope = DSSEEnvelope(signing: payload ?? event.payload, by: signer ?? root)
        keyEvents.append((size, event.keyID, event.role, envelope))
        nodes.append(LogLeaf(of: envelope, type: .key).bytes)
    }

    /// Signs a statement and appends its leaf; returns the envelope and the index.
    mutating func append(
        _ statement: RunStatement, signedBy signer: Ed25519SigningKey? = nil
    ) -> (envelope: DSSEEnvelope, index: UInt64) {
        let key = signer ?? (statement.observation == .gatewayObserved ? observed : asserted)
        return append(statement.payload, as: statement.observation.leafType, signedBy: key)
    }

    mutating func append(
        _ payload: [UInt8], as type: LeafType, signedBy key: Ed25519SigningKey
    ) -> (envelope: DSSEEnvelope, index: UInt64) {
        let envelope = DSSEEnvelope(signing: payload, by: key)
        nodes.append(LogLeaf(of: envelope, type: type).bytes)
        return (envelope, size - 1)
    }

    func note(signedBy signer: Ed25519SigningKey? = nil) throws -> String {
        let signer = signer ?? log
        let key = try require(NoteKey(name: origin, publicKey: signer.publicKey))
        return SignedNote(signing: checkpoint.text, by: signer, as: key).description
    }

    func proof(of index: UInt64, note: String) -> LogProof {
        LogProof(index: index, inclusion: InclusionProof(index: index, size: size, nodes: nodes), note: note)
    }

    func loggedEvents(note: String, keys: [KeyID]? = nil) -> [LoggedKeyEvent] {
        keyEvents.filter { keys?.contains($0.keyID) ?? true }
            .map { LoggedKeyEvent(index: $0.index, envelope: $0.envelope, proof: proof(of: $0.index, note: note)) }
    }

    /// The pack of a record under a fresh checkpoint.
    func pack(
        _ record: (envelope: DSSEEnvelope, index: UInt64), signedBy signer: Ed25519SigningKey? = nil,
        logKey: Ed25519SigningKey? = nil, openings: [Opening] = [], withExportKey: Bool = false
    ) throws -> JSONObject {
        let keys = [observed, asserted, signer].compactMap(\.self)
        let publicKey = try require(
            keys.map(\.publicKey).first { KeyID(of: $0).text == record.envelope.keyID })
        let note = try note(signedBy: logKey)
        var keyIDs = [KeyID(of: publicKey), KeyID(of: (logKey ?? log).publicKey)]
        if withExportKey { keyIDs.append(KeyID(of: export.publicKey)) }
        return try EvidencePacker(root: root.publicKey).pack(
            record.envelope, publicKey: publicKey, proof: proof(of: record.index, note: note),
            keyEvents: loggedEvents(note: note, keys: keyIDs), openings: openings)
    }

    /// Appends a statement and makes its pack.
    mutating func pack(
        appending statement: RunStatement, signedBy signer: Ed25519SigningKey? = nil, openings: [Opening] = []
    ) throws -> JSONObject {
        let entry = append(statement, signedBy: signer)
        return try pack(entry, signedBy: signer, openings: openings)
    }
}

/// A value that is there, or the fixture is wrong.
func require<T>(_ value: T?) throws -> T {
    guard let value else { throw FixtureError() }
    return value
}

struct FixtureError: Error {}
