package import Audit
package import Sodium

/// What whoever a record is about gets of it: enough to prove later that it was made, and that none was left out.
package struct Receipt: Hashable, Sendable {
    package let recordID: RecordID
    package let signature: Ed25519Signature
    package let publicKey: Ed25519PublicKey
    /// 1, 2, 3, … for each tenant.
    package let sequence: Int64
    /// The SHA-256 of the signature of the tenant's record before this one; zeros for the first.
    package let previousReceipt: SHA256Digest
    package let leafIndex: UInt64

    package init(
        recordID: RecordID, signature: Ed25519Signature, publicKey: Ed25519PublicKey, sequence: Int64,
        previousReceipt: SHA256Digest, leafIndex: UInt64
    ) {
        self.recordID = recordID
        self.signature = signature
        self.publicKey = publicKey
        self.sequence = sequence
        self.previousReceipt = previousReceipt
        self.leafIndex = leafIndex
    }
}

extension Receipt {
    /// `ed25519:` and 128 hexadecimal digits.
    package var signatureText: String { FlatProjection.text(of: signature) }
    /// `ed25519:pk_` and 64 hexadecimal digits.
    package var publicKeyText: String { FlatProjection.text(of: publicKey) }
}
