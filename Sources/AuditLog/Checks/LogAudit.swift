import Audit
import Database
import Sodium

/// Compares everything that is stored of a log with everything else: leaves with the records that they stand for, the
/// tree with its leaves, checkpoints with the tree, and each tenant's records with each other.
///
/// Leaves are read in their order, some at a time, so that a transaction is short.
struct LogAudit {
    /// The last record of each tenant.
    struct Chains: Sendable {
        fileprivate var ends: [String: (sequence: Int64, receipt: SHA256Digest)] = [:]
        /// Whether they were followed from the first leaf on.
        fileprivate let areWhole: Bool
    }

    /// What has to be remembered from one leaf to the next.
    struct Progress: Sendable {
        /// The leaves before it have been looked at.
        var next: UInt64 = 0
        var frontier = MerkleFrontier()
        /// The hashes of the leaves of the tile that is not complete.
        var leafHashes: [SHA256Digest] = []
        fileprivate var chains = Chains(areWhole: true)
        /// The last leaf up to which a checkpoint was right.
        var checkedSize: UInt64 = 0
        fileprivate(set) var findings: [LogFinding] = []
        /// Whether all leaves are looked at.
        fileprivate(set) var isComplete = false
    }

    /// More are not told: they would be about the same.
    static let findingCountMax = 100
    static let batchCount: UInt64 = 512

    let origin: String
    private let keys: [KeyID: KeyHistory.Entry]
    /// Nil where what is stored is not what was logged.
    private let keyEvents: [UInt64: KeyRing.Event?]
    let logNames: [NoteKey]
    let connection: Connection

    init(log: AuditLog, _ connection: Connection) throws(DatabaseError) {
        origin = log.origin
        let stored = try KeyRing.allStoredEvents(signedBy: log.root, connection)
        let events = stored.compactMap(\.event)
        guard let history = Self.history(of: events, areAll: events.count == stored.count) else {
            throw StoredLog.damage("the key events contradict each other")
        }
        keys = Dictionary(uniqueKeysWithValues: history.entries.map { ($0.keyID, $0) })
        keyEvents = Dictionary(uniqueKeysWithValues: stored.map { ($0.index, $0.event) })
        logNames = history.noteKeys(origin: origin)
        self.connection = connection
    }

    /// What is known of keys. Where events are damaged, those before the first that makes no sense without them.
    private static func history(of events: [KeyRing.Event], areAll: Bool) -> KeyHistory? {
        var known = events.map { (index: $0.index, event: $0.event) }
        while true {
            // Whatever they contradict each other in, that is the damage.
            if let history = try? KeyHistory(events: known) { return history }
            guard !areAll, known.popLast() != nil else { return nil }
        }
    }

    /// Looks at the next leaves.
    func advance(_ progress: inout Progress, size: UInt64) throws(DatabaseError) {
        let end = min(progress.next + Self.batchCount, size)
        let checkpoints = try checkpoints(over: progress.next..<end)
        var records = try records(progress.next..<end)
        var entries = try entries(progress.next..<end)
        for index in progress.next..<end {
            guard let entry = entries.removeValue(forKey: index) else {
                // Without it, no hash above it can be told.
                progress.add(LogFinding(leafIndex: index, message: "it is missing"))
                progress.isComplete = true
                return
            }
            if let message = check(entry, at: index, records.removeValue(forKey: index), &progress.chains) {
                progress.add(LogFinding(leafIndex: index, message: message))
            }
            try append(entry, to: &progress)
            if let checkpoint = checkpoints[index + 1] { check(checkpoint, &progress) }
        }
        progress.next = end
        guard end == size else { return }
        try checkEnd(&progress)
        progress.isComplete = true
    }

    /// The first thing that is wrong with some leaves, the tree above them aside.
    func firstFinding(in range: Range<UInt64>) throws(DatabaseError) -> LogFinding? {
        var records = try records(range)
        let entries = try entries(range)
        var chains = Chains(areWhole: false)
        for index in range {
            guard let entry = entries[index] else { return LogFinding(leafIndex: index, message: "it is missing") }
            if let message = check(entry, at: index, records.removeValue(forKey: index), &chains) {
                return LogFinding(leafIndex: index, message: message)
            }
        }
        return nil
    }
}

// MARK: - Leaves

extension LogAudit {
    /// What is wrong with a leaf.
    private func check(
        _ entry: [UInt8], at index: UInt64, _ record: Result<StoredRecord, DatabaseError>?,
        _ chains: inout Chains
    ) -> String? {
        guard let leaf = LogLeaf(entry: entry) else { return "it is not what a leaf looks like" }
        switch leaf.type {
        case .run, .assertion:
            guard let record else { return "its record is missing" }
            guard case .success(let record) = record else { return "its record can't be read" }
            let message = check(record, after: &chains)
            return check(record, leaf, at: index) ?? message
        case .key:
            guard let event = keyEvents[index] else { return "its key event is missing" }
            return event == nil ? "its key event is not what was logged" : nil
        default: return "it is of a kind that this version does not make"
        }
    }

    private func check(_ record: StoredRecord, _ leaf: LogLeaf, at index: UInt64) -> String? {
        guard let keyID = KeyID(text: leaf.keyID), let key = keys[keyID] else {
            return "the key that signed it is not known"
        }
        let envelope = DSSEEnvelope(payload: record.payload, keyID: keyID, signature: record.signature)
        guard LogLeaf(of: envelope, type: leaf.type) == leaf else { return "its record is not what was logged" }
        guard envelope.isSigned(by: key.key) else { return "its signature is wrong" }
        guard let statement = try? record.statement(), statement.recordID == record.recordID,
            statement.observation.leafType == leaf.type, statement.observation.role == key.role
        else { return "its record is not one that such a leaf stands for" }
        guard key.standing(atRecord: index) != .inactive else { return "its key was not in use" }
        guard let details = try? record.parsedDetails(),
            let openings = try? record.openings(of: statement),
            openings.allSatisfy({ $0.opens(statement) }),
            details.json["tenant"]?.string == record.tenant,
            details.json["tenant_seq"]?.string == String(record.sequence)
        else { return "what is stored with its record is not what the record commits to" }
        return nil
    }

    /// Whether a record follows the last one of its tenant.
    private func check(_ record: StoredRecord, after chains: inout Chains) -> String? {
        defer { chains.ends[record.tenant] = (record.sequence, ReceiptChain.digest(after: record.signature)) }
        let start = chains.areWhole ? (sequence: Int64(0), receipt: ReceiptChain.startDigest) : nil
        // What can't be read is told of already.
        guard let details = try? record.parsedDetails(), let last = chains.ends[record.tenant] ?? start else {
            return nil
        }
        guard record.sequence == last.sequence + 1 else {
            return "it is number \(record.sequence) of its tenant, after number \(last.sequence)"
        }
        return details.json["prev_receipt"]?.string == last.receipt.hexadecimal
            ? nil : "it does not name the record of its tenant before it"
    }

    private func entries(_ range: Range<UInt64>) throws(DatabaseError) -> [UInt64: [UInt8]] {
        var entries: [UInt64: [UInt8]] = [:]
        for row in try rows("SELECT leaf_index, entry FROM log_entries", range) {
            // A leaf of another type is as good as one without bytes.
            entries[try row.decode("leaf_index", as: UInt64.self)] =
                (try? row.decode("entry", as: [UInt8].self)) ?? []
        }
        return entries
    }

    private func records(
        _ range: Range<UInt64>
    ) throws(DatabaseError) -> [UInt64: Result<StoredRecord, DatabaseError>] {
        var records: [UInt64: Result<StoredRecord, DatabaseError>] = [:]
        for row in try rows("SELECT \(StoredRecord.columns) FROM audit_records", range) {
            records[try row.decode("leaf_index", as: UInt64.self)] = Result { () throws(DatabaseError) in
                try StoredRecord(row: row)
            }
        }
        return records
    }

    private func rows(_ selection: SQL, _ range: Range<UInt64>) throws(DatabaseError) -> [Row] {
        try connection.query(
            """
            \(selection) WHERE leaf_index >= \(try SQLValue(range.lowerBound))
            AND leaf_index < \(try SQLValue(range.upperBound)) ORDER BY leaf_index
            """)
    }
}

extension LogAudit.Progress {
    mutating func add(_ finding: LogFinding) {
        guard findings.count < LogAudit.findingCountMax else { return }
        findings.append(finding)
    }
}
