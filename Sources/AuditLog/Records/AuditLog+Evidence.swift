package import Audit
import Database
import Sodium

/// An evidence pack, and what tells it from others of the same record.
package struct Evidence: Sendable {
    package let pack: JSONObject
    package let leafHash: SHA256Digest
    /// The size of the checkpoint that it ends in.
    package let size: UInt64
}

extension AuditLog {
    /// Packs a record, under a checkpoint that is made if there is none yet.
    ///
    /// - Parameter isOpen: Whether the pack opens what the statement only commits to, which the record's owner may see.
    /// - Throws: `inconsistent`, `database`.
    package func evidence(for record: StoredRecord, isOpen: Bool) async throws(AuditLogError) -> Evidence {
        let statement = try record.statement()
        let openings = isOpen ? try record.openings(of: statement) : []
        let checkpoint = try await checkpoint(covering: record.leafIndex)
        let (keyID, proof, leaf, keys) = try await read { [self] connection throws(DatabaseError) in
            let tree = StoredTree(size: checkpoint.size, connection)
            let entry = try StoredLog.entry(record.leafIndex, connection)
            guard let keyID = LogLeaf(entry: entry).flatMap({ KeyID(text: $0.keyID) }) else {
                throw StoredLog.damage("leaf \(record.leafIndex) is not one of a record")
            }
            return (
                keyID, try tree.proof(of: record.leafIndex, under: checkpoint), MerkleHash.leaf(entry),
                try provedKeyEvents(under: checkpoint, tree, connection)
            )
        }
        guard let signer = keys.history.entry(for: keyID) else {
            throw AuditLogError(.inconsistent, "the key that signed leaf \(record.leafIndex) is not known")
        }
        let needed = [keyID] + keys.history.signers(of: checkpoint.note, origin: origin)
        let envelope = DSSEEnvelope(payload: record.payload, keyID: keyID, signature: record.signature)
        do {
            let pack = try EvidencePacker(root: root).pack(
                envelope, publicKey: signer.key, proof: proof,
                keyEvents: keys.about(needed), openings: openings)
            return Evidence(pack: pack, leafHash: leaf, size: checkpoint.size)
        } catch {
            throw AuditLogError(.inconsistent, "the record of leaf \(record.leafIndex) can't be packed: \(error)")
        }
    }

    /// Verifies a record as a stranger who trusts this log's root would.
    package func verify(_ record: StoredRecord) async throws(AuditLogError) -> VerificationReport {
        let evidence = try await evidence(for: record, isOpen: true)
        return try await verify(.object(evidence.pack))
    }

    /// Verifies any JSON as a pack of this log.
    package func verify(_ pack: JSONValue) async throws(AuditLogError) -> VerificationReport {
        try await verify(CanonicalJSON.encode(pack))
    }

    /// Verifies bytes as a pack of this log.
    ///
    /// - Throws: `invalidValue` if they are no JSON.
    package func verify(_ bytes: [UInt8]) async throws(AuditLogError) -> VerificationReport {
        let saved = try await provedKeyEvents().events
        do {
            return try VerificationReport(on: bytes, trusting: TrustPolicy(roots: [root], savedEvents: saved))
        } catch {
            throw AuditLogError(.invalidValue, error.message)
        }
    }
}

extension StoredTree {
    func proof(of index: UInt64, under checkpoint: SignedCheckpoint) throws(DatabaseError) -> LogProof {
        LogProof(
            index: index, inclusion: try InclusionProof(index: index, size: checkpoint.size, nodes: self),
            note: checkpoint.note)
    }
}

extension KeyHistory {
    /// The keys of the log that have signed a note.
    func signers(of note: String, origin: String) -> [KeyID] {
        // A note that can't be verified was signed by nobody.
        let signers = (try? SignedNote(note).verify(by: noteKeys(origin: origin))) ?? []
        return signers.map { KeyID(of: $0.publicKey) }
    }
}
