internal import Sodium

/// All of a record that is known before its place in the log and in the chain of its tenant is.
///
/// Statement and details are written once, with gaps; what is left to do where records wait in line for their place is
/// to fill the gaps, to sign, and to make the leaf.
package struct RecordDraft: Sendable {
    package let recordID: RecordID
    package let observation: Observation

    private let statement: DraftStatement
    private let details: DraftDetails
    private let detailsSalt: Salt

    /// Writes a record down as far as it is known.
    ///
    /// - Throws: `invalidShape` if a value is not what the format lays down: nothing is signed that a verifier would
    ///   refuse.
    package init(
        origin: StatementOrigin, randomness: RecordRandomness, facts: RecordFacts, digests: RecordDigests,
        details: RecordDetails
    ) throws(AuditError) {
        try facts.check()
        try digests.check(facts.observation)
        try details.check()
        recordID = randomness.recordID
        observation = facts.observation
        statement = DraftStatement(origin: origin, randomness: randomness, facts: facts, digests: digests)
        self.details = DraftDetails(details, facts)
        detailsSalt = randomness.key.salt(for: .details)
    }

    /// The record at its place, signed. A draft may be sealed several times, as transactions are tried again.
    ///
    /// - Parameters:
    ///   - sequence: the record's number among those of its tenant, from 1.
    ///   - previousReceipt: `ReceiptChain.digest(after:)` the tenant's record before, or `ReceiptChain.startDigest`.
    /// - Precondition: the signer signs what has been observed in this way.
    package func sealed(
        sequence: Int64, previousReceipt: SHA256Digest, by signer: StatementSigner
    ) -> SealedRecord {
        precondition(signer.observation == observation, "every kind of record has a key of its own")
        let details = details.bytes(sequence: sequence, previousReceipt: previousReceipt)
        let commitment = CommitmentField.details.commitment(to: SHA256Digest(of: details), salt: detailsSalt)
        let encoding = statement.preAuthenticationEncoding(details: commitment)
        let signature = signer.key.signature(for: encoding)
        let entry = signer.entry(signedDigest: SHA256Digest(of: encoding), signature: signature)
        return SealedRecord(
            payload: statement.payload(in: encoding), details: details, signature: signature, entry: entry,
            leafHash: MerkleHash.leaf(entry))
    }
}
