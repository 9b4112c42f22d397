import Audit
import Database
import Sodium

/// Compares everything that is stored of a log with everything else: leaves with the records that they stand for, the
/// tree with its leaves, checkpoints with the tree, and each tenant's records with each other.
///
/// Leaves are read in their order, some at a time, so that a transaction is short.
struct LogAudit {
    /// The last record of each tenant.
    typealias Chains = [String: (sequence: Int64, receipt: SHA256Digest)]

    /// What has to be remembered from one leaf to the next.
    struct Progress: Sendable {
        /// The leaves before it have been looked at.
        var next: UInt64 = 0
        fileprivate(set) var frontier = MerkleFrontier()
        /// The hashes of the leaves of the tile that is not complete.
        fileprivate var leafHashes: [SHA256Digest] = []
        fileprivate var chains: Chains = [:]
        /// The last leaf up to which a checkpoint was right.
        fileprivate var checkedSize: UInt64 = 0
        fileprivate(set) var findings: [LogFinding] = []
        /// Whether all leaves are looked at.
        fileprivate(set) var isComplete = false
    }

    /// More are not told: they would be about the same.
    static let findingCountMax = 100
    static let batchCount: UInt64 = 2048

    private let origin: String
    private let keys: [KeyID: KeyHistory.Entry]
    private let keyEvents: [UInt64: KeyRing.Event]
    private let logNames: [NoteKey]
    private let connection: Connection

    init(log: AuditLog, _ connection: Connection) throws(DatabaseError) {
        origin = log.origin
        let events = try KeyRing.storedEvents(signedBy: log.root, connection)
        guard let history = try? KeyHistory(events: events.map { ($0.index, $0.event) }) else {
            throw StoredLog.damage("the key events contradict each other")
        }
        keys = Dictionary(uniqueKeysWithValues: history.entries.map { ($0.keyID, $0) })
        keyEvents = Dictionary(uniqueKeysWithValues: events.map { ($0.index, $0) })
        logNames = history.noteKeys(origin: origin)
        self.connection = connection
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
        for index in range {
            guard let entry = entries[index] else { return LogFinding(leafIndex: index, message: "it is missing") }
            var chains: Chains = [:]
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
            return check(record, leaf, at: index) ?? check(record, after: &chains)
        case .key:
            guard let event = keyEvents[index] else { return "its key event is missing" }
            return LogLeaf(of: event.envelope, type: .key) == leaf ? nil : "its key event is not what was logged"
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
        defer { chains[record.tenant] = (record.sequence, ReceiptChain.digest(after: record.signature)) }
        guard let details = try? record.parsedDetails(), let last = chains[record.tenant] else { return nil }
        guard record.sequence == last.sequence + 1 else {
            return "it is number \(record.sequence) of its tenant, after number \(last.sequence)"
        }
        return details.json["prev_receipt"]?.string == last.receipt.hexadecimal
            ? nil : "it does not name the record of its tenant before it"
    }

    private func entries(_ range: Range<UInt64>) throws(DatabaseError) -> [UInt64: [UInt8]] {
        var entries: [UInt64: [UInt8]] = [:]
        for row in try rows("SELECT leaf_index, entry FROM log_entries", range) {
            entries[try row.decode("leaf_index", as: UInt64.self)] = try row.decode("entry", as: [UInt8].self)
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

// MARK: - The tree

extension LogAudit {
    private func append(_ entry: [UInt8], to progress: inout Progress) throws(DatabaseError) {
        let hash = MerkleHash.leaf(entry)
        progress.leafHashes.append(hash)
        var completed: [(level: Int, index: UInt64, root: SHA256Digest)] = []
        progress.frontier.append(leafHash: hash) { level, index, root in
            guard level > 0, level.isMultiple(of: LogTile.heightBits) else { return }
            completed.append((level / LogTile.heightBits, index, root))
        }
        for (level, index, root) in completed {
            if level == 1 {
                let stored = try StoredLog.tile(level: 0, index: index, connection)
                let start = index << UInt64(LogTile.heightBits)
                for (offset, hash) in progress.leafHashes.enumerated()
                where offset >= stored.count || stored[offset] != hash {
                    progress.add(
                        LogFinding(leafIndex: start + UInt64(offset), message: "it is not the leaf that was logged"))
                }
                progress.leafHashes.removeAll(keepingCapacity: true)
            }
            let place = Int(index & UInt64(LogTile.widthMax - 1))
            let siblings = try StoredLog.tile(
                level: level, index: index >> UInt64(LogTile.heightBits), connection)
            guard place >= siblings.count || siblings[place] != root else { continue }
            let first = index << UInt64(LogTile.heightBits * level)
            let last = first + 1 << UInt64(LogTile.heightBits * level) - 1
            progress.add(
                LogFinding(
                    leafIndex: first, message: "the tree over leaves \(first) to \(last) is not that of the leaves"))
        }
    }

    private func checkpoints(over range: Range<UInt64>) throws(DatabaseError) -> [UInt64: Row] {
        var checkpoints: [UInt64: Row] = [:]
        for row in try connection.query(
            """
            SELECT size, root, note FROM log_checkpoints
            WHERE size > \(try SQLValue(range.lowerBound)) AND size <= \(try SQLValue(range.upperBound))
            """)
        {
            checkpoints[try row.decode("size", as: UInt64.self)] = row
        }
        return checkpoints
    }

    private func check(_ row: Row, _ progress: inout Progress) {
        let size = progress.frontier.size
        guard let checkpoint = try? SignedCheckpoint(row: row, origin: origin),
            let signers = try? SignedNote(checkpoint.note).verify(by: logNames), !signers.isEmpty
        else {
            return progress.add(
                LogFinding(leafIndex: nil, message: "the checkpoint of \(size) leaves is not what was signed"))
        }
        if checkpoint.checkpoint.root == progress.frontier.root {
            progress.checkedSize = size
        } else {
            progress.add(
                LogFinding(
                    leafIndex: progress.checkedSize,
                    message:
                        "this leaf or one after it, up to \(size - 1), is not what the checkpoint of \(size) leaves signed"
                ))
        }
    }

    /// Leaves that are no more at the end. Meanwhile the log may have grown.
    private func checkEnd(_ progress: inout Progress) throws(DatabaseError) {
        let size = try StoredLog.size(connection)
        if let last = try SignedCheckpoint.last(connection, origin: origin), last.size > size {
            progress.add(
                LogFinding(
                    leafIndex: size, message: "it is missing, and all up to \(last.size - 1), which a checkpoint signed"
                ))
        }
        let strays = try connection.query(
            """
            SELECT leaf_index FROM audit_records WHERE leaf_index >= \(try SQLValue(size))
            ORDER BY leaf_index LIMIT \(Self.findingCountMax)
            """)
        for row in strays {
            let index = try row.decode("leaf_index", as: UInt64.self)
            progress.add(LogFinding(leafIndex: index, message: "it has a record and is not in the log"))
        }
    }
}

extension LogAudit.Progress {
    fileprivate mutating func add(_ finding: LogFinding) {
        guard findings.count < LogAudit.findingCountMax else { return }
        findings.append(finding)
    }
}
