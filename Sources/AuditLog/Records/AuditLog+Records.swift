package import Audit
package import Database
import Sodium

extension AuditLog {
    /// The key that signs records of this kind now. One that is made this moment may be signed by its successor.
    package func signingKey(_ observation: Observation) async throws(AuditLogError) -> KeyHistory.Entry {
        guard let entry = try await keyHistory().active(observation.role) else {
            throw AuditLogError(.keys, "no key is active as \(observation.role.rawValue)")
        }
        return entry
    }

    /// Signs a record and adds it to the log, in the transaction that stores what it is about.
    ///
    /// The transaction is of the group `auditLog`.
    ///
    /// - Parameter randomness: What the draft was made with.
    /// - Throws: `corrupt` if the log is inconsistent; `inputOutput` if the secret of a new key can't be read.
    package func append(
        _ draft: RecordDraft, madeWith randomness: RecordRandomness, digests: RecordDigests, tenant: String,
        on connection: Connection
    ) throws(DatabaseError) -> Receipt {
        try withWritingState(connection) { state throws(DatabaseError) in
            let chain = try state.chainEnd(of: tenant, connection)
            let signer = state.keys.signer(draft.observation)
            let sealed = draft.sealed(sequence: chain.sequence + 1, previousReceipt: chain.receipt, by: signer)
            let index = try state.tail.append(sealed.entry, leafHash: sealed.leafHash, connection)
            let receipt = Receipt(
                recordID: draft.recordID, signature: sealed.signature, publicKey: signer.key.publicKey,
                sequence: chain.sequence + 1, previousReceipt: chain.receipt, leafIndex: index)
            try connection.execute(
                StoredRecord.insertion.binding([
                    try SQLValue(index), draft.recordID.bytes.sqlValue, tenant.sqlValue, receipt.sequence.sqlValue,
                    sealed.payload.sqlValue, sealed.signature.bytes.sqlValue, sealed.details.sqlValue,
                    randomness.keyBytes.sqlValue, digests.stored.sqlValue,
                ]))
            state.setChainEnd(
                of: tenant,
                ReceiptChainEnd(sequence: receipt.sequence, receipt: ReceiptChain.digest(after: sealed.signature)))
            return receipt
        }
    }

    /// Adds a record that belongs to nothing else, once: when it is there already, the answer is its receipt, and nothing
    /// is stored. So this may be called again when nobody knows whether it was stored.
    ///
    /// - Parameter companion: What else is stored in the same transaction, given the receipt.
    package func append(
        _ draft: RecordDraft, madeWith randomness: RecordRandomness, digests: RecordDigests, tenant: String,
        alongWith companion: @escaping @Sendable (Receipt, Connection) throws(DatabaseError) -> Void = { _, _ in }
    ) async throws(AuditLogError) -> Receipt {
        try await write { [self] connection throws(DatabaseError) in
            if let receipt = try receipt(of: draft.recordID, on: connection) { return receipt }
            let receipt = try append(
                draft, madeWith: randomness, digests: digests, tenant: tenant, on: connection)
            try companion(receipt, connection)
            return receipt
        }
    }

    /// The receipt that was given for a record; nil if there is no such record.
    package func receipt(of id: RecordID, on connection: Connection) throws(DatabaseError) -> Receipt? {
        guard let record = try StoredRecord.find(id, connection) else { return nil }
        let keyID = LogLeaf(entry: try StoredLog.entry(record.leafIndex, connection)).flatMap { KeyID(text: $0.keyID) }
        let events = try KeyRing.storedEvents(signedBy: root, connection)
        let key = try? KeyRing.history(of: events).entries.first { $0.keyID == keyID }?.key  // Nil is damage, too.
        let previousReceipt = (try? record.parsedDetails())?.json["prev_receipt"]?.string
        guard let key, let previousReceipt = previousReceipt.flatMap(SHA256Digest.init(hexadecimal:)) else {
            throw StoredLog.damage("the record of leaf \(record.leafIndex) is not what was logged")
        }
        return Receipt(
            recordID: id, signature: record.signature, publicKey: key, sequence: record.sequence,
            previousReceipt: previousReceipt, leafIndex: record.leafIndex)
    }

    /// A record, by its id.
    package func record(_ id: RecordID) async throws(AuditLogError) -> StoredRecord? {
        try await read { connection throws(DatabaseError) in try StoredRecord.find(id, connection) }
    }

    /// A tenant's records in their order, from the one after a sequence number.
    package func records(
        of tenant: String, after sequence: Int64, limit: Int
    ) async throws(AuditLogError) -> [StoredRecord] {
        try await read { connection throws(DatabaseError) in
            try connection.query(
                """
                SELECT \(StoredRecord.columns) FROM audit_records
                WHERE tenant = \(tenant) AND tenant_seq > \(sequence) ORDER BY tenant_seq LIMIT \(limit)
                """
            ).map { row throws(DatabaseError) in try StoredRecord(row: row) }
        }
    }
}
