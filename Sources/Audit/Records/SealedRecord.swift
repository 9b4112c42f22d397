package import Sodium

/// What is stored and logged of a record.
package struct SealedRecord: Equatable, Sendable {
    /// The signed statement.
    package let payload: [UInt8]
    /// What only the owner and an auditor see.
    package let details: [UInt8]
    package let signature: Ed25519Signature
    /// The record's leaf in the log.
    package let entry: [UInt8]
    package let leafHash: SHA256Digest
}
