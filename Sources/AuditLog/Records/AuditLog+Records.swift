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
            let chain = try ReceiptChainEnd.read(tenant, connection)
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
            return receipt
        }
    }

    /// Adds a record that belongs to nothing else.
    ///
    /// - Parameter companion: What else is stored in the same transaction, given the receipt.
    package func append(
        _ draft: RecordDraft, madeWith randomness: RecordRandomness, digests: RecordDigests, tenant: String,
        alongWith companion: @escaping @Sendable (Receipt, Connection) throws(DatabaseError) -> Void = { _, _ in }
    ) async throws(AuditLogError) -> Receipt {
        try await write { [self] connection throws(DatabaseError) in
            // The transaction is run again when nobody knows whether it was committed.
            let receipt = try append(
                draft, madeWith: randomness, digests: digests, tenant: tenant, on: connection)
            try companion(receipt, connection)
            return receipt
        }
    }

    /// A record, by its id.
    package func record(_ id: RecordID) async throws(AuditLogError) -> StoredRecord? {
        try await read { connection throws(DatabaseError) in
            try connection.queryOne("SELECT \(StoredRecord.columns) FROM audit_records WHERE record_id = \(id.bytes)")
                .map { row throws(DatabaseError) in try StoredRecord(row: row) }
        }
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

/// The last record of a tenant, which the next one names.
private struct ReceiptChainEnd {
    let sequence: Int64
    let receipt: SHA256Digest

    static func read(_ tenant: String, _ connection: Connection) throws(DatabaseError) -> ReceiptChainEnd {
        guard let row = try connection.queryOne(query.binding([tenant.sqlValue])) else {
            return ReceiptChainEnd(sequence: 0, receipt: ReceiptChain.startDigest)
        }
        guard let signature = Ed25519Signature(bytes: try row.decode("signature", as: [UInt8].self)) else {
            throw StoredLog.damage("a stored signature is not one")
        }
        return ReceiptChainEnd(
            sequence: try row.decode("tenant_seq", as: Int64.self), receipt: ReceiptChain.digest(after: signature))
    }

    private static let query = SQL.template(
        """
        SELECT tenant_seq, signature FROM audit_records WHERE tenant = \(SQL.parameters(1))
        ORDER BY tenant_seq DESC LIMIT 1
        """)
}
