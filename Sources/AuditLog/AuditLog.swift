package import Audit
package import Database
package import Sodium
import Synchronization

/// The audit log of one installation: a Merkle tree to which every run and every change of keys adds a leaf.
///
/// Leaves are added in the transactions that store what they stand for, one after the other, by one process or by
/// several on the same database. What is signed of the log as a whole is stored before anybody sees it. Once something
/// stored turns out not to be what was logged, nothing is signed any more; reading goes on.
package final class AuditLog: Sendable {
    /// The name of the log, the first line of its checkpoints.
    package let origin: String
    /// The key that signs what is said of all other keys.
    package let root: Ed25519PublicKey
    package let statementOrigin: StatementOrigin

    let database: Database
    let folder: KeyFolder
    let checkpointFile: CheckpointFile?
    let now: @Sendable () -> Int64
    private let writing = Mutex<WritingState?>(nil)
    private let halt = Mutex<[String]>([])

    private let keysInUse = Mutex<KeysInUse?>(nil)
    private let checkpointSize = Atomic<UInt64>(0)
    private let keptKeyEvents = Mutex<ProvedKeyEvents?>(nil)

    /// The public keys of those that sign, as far as this process knows.
    private struct KeysInUse: Sendable {
        let observed: Ed25519PublicKey
        let asserted: Ed25519PublicKey
    }

    /// What is needed to append. It is kept from one transaction to the next, and read anew when somebody else has
    /// appended in between.
    struct WritingState: Sendable {
        var tail: LogTail
        let keys: KeyRing
        /// The last records of tenants that have appended lately.
        var chainEnds: [String: ReceiptChainEnd] = [:]
    }

    /// The tables of this module.
    package static let migrations = [
        Migration(version: 7, name: "audit-log", script: PackageResources._007_audit_log_sql)
    ]

    init(
        _ identity: LogIdentity, database: Database, folder: KeyFolder, checkpointFile: CheckpointFile?,
        now: @escaping @Sendable () -> Int64
    ) throws(AuditLogError) {
        origin = identity.origin
        root = identity.root
        do {
            statementOrigin = try StatementOrigin(identity.origin)
        } catch {
            throw AuditLogError(.identity, "the stored origin can't name a log")
        }
        self.database = database
        self.folder = folder
        self.checkpointFile = checkpointFile
        self.now = now
    }

    // MARK: Trust in what is stored

    /// What is wrong with the log; nil if nothing is known to be.
    package var inconsistency: String? { inconsistencies.first }

    /// All that is known to be wrong, as it was found.
    package var inconsistencies: [String] { halt.withLock { $0 } }

    /// Signs nothing from now on.
    func stopSigning(because reason: String) {
        halt.withLock { reasons in
            guard reasons.count <= LogAudit.findingCountMax, !reasons.contains(reason) else { return }
            reasons.append(reason)
        }
    }

    /// Key events with proofs, as they were asked for last.
    var lastProvedKeyEvents: ProvedKeyEvents? {
        get { keptKeyEvents.withLock { $0 } }
        set { keptKeyEvents.withLock { $0 = newValue } }
    }

    // MARK: Figures

    /// How many leaves the last checkpoint covers that this process has made or found.
    package var checkpointedLeafCount: UInt64 { checkpointSize.load(ordering: .relaxed) }

    func note(_ checkpoint: SignedCheckpoint) {
        checkpointSize.max(checkpoint.size, ordering: .relaxed)
    }

    // MARK: Transactions

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(AuditLogError) -> Value {
        do {
            return try await database.read(body)
        } catch {
            throw AuditLogError(error)
        }
    }

    /// Runs a transaction that appends to the log, or signs of it.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(AuditLogError) -> Value {
        do {
            return try await database.write(inGroup: .auditLog, body)
        } catch {
            if error.isDamage { stopSigning(because: error.message) }
            throw AuditLogError(error)
        }
    }

    /// Lends what is needed to append, in a transaction that has the log for itself. What is found to be damaged on the
    /// way stops the log from signing, whoever's transaction it is.
    func withWritingState<Value>(
        _ connection: Connection, _ body: (inout WritingState) throws(DatabaseError) -> Value
    ) throws(DatabaseError) -> Value {
        guard inconsistency == nil else { throw StoredLog.damage("nothing is signed until that is mended") }
        do {
            return try withCurrentState(connection, body)
        } catch {
            if error.isDamage { stopSigning(because: error.message) }
            throw error
        }
    }

    private func withCurrentState<Value>(
        _ connection: Connection, _ body: (inout WritingState) throws(DatabaseError) -> Value
    ) throws(DatabaseError) -> Value {
        let last = try StoredLog.lastEntry(connection)
        // Taken out, so that it is read anew if this transaction fails, and changed in place if it does not.
        var kept = writing.withLock { $0.take() }
        if kept?.tail.isBehind(last) != true {
            let stored = try writingState(size: last.map { $0.index + 1 } ?? 0, connection)
            guard stored.tail.isBehind(last) else { throw StoredLog.damage("its last leaf is not that of the tree") }
            kept = stored
        }
        guard var state = kept.take() else { preconditionFailure("what was not kept has been read") }
        let value = try body(&state)
        writing.withLock { $0 = state }
        return value
    }

    func writingState(size: UInt64, _ connection: Connection) throws(DatabaseError) -> WritingState {
        let tail = try StoredTree(size: size, connection).tail()
        let events = try KeyRing.storedEvents(signedBy: root, connection)
        do {
            return WritingState(tail: tail, keys: try keyRing(of: events))
        } catch {
            throw error.code == .inconsistent
                ? StoredLog.damage(error.message)
                : DatabaseError(.inputOutput, error.message, detail: error.detail)
        }
    }
}

extension AuditLog {
    func keyRing(of events: [KeyRing.Event]) throws(AuditLogError) -> KeyRing {
        let ring = try KeyRing(events, in: folder, origin: origin)
        keysInUse.withLock {
            $0 = KeysInUse(observed: ring.observed.key.publicKey, asserted: ring.asserted.key.publicKey)
        }
        return ring
    }

    /// The key that signs records of this kind, as this process knew it last: a key that another process has put in
    /// place of it is known at the next checkpoint. Nil while no key could be read.
    package func keyInUse(_ observation: Observation) -> Ed25519PublicKey? {
        keysInUse.withLock { keys in
            switch observation {
            case .gatewayObserved: keys?.observed
            case .userAsserted: keys?.asserted
            }
        }
    }
}

extension LogTail {
    /// Whether the log ends with this leaf and nothing was added since.
    fileprivate func isBehind(_ last: (index: UInt64, entry: [UInt8])?) -> Bool {
        guard let last else { return size == 0 }
        return size == last.index + 1 && lastLeafHash == MerkleHash.leaf(last.entry)
    }
}

extension TransactionGroup {
    /// Whoever appends to the log or signs a checkpoint writes in it.
    package static let auditLog = TransactionGroup(TransactionLock("audit log"))
}
