package import Sodium

/// What kind of thing a leaf of the log stands for.
package enum LeafType: String, CaseIterable, Sendable {
    case run
    case assertion = "assert"
    case key
    case erase
    case hold
    case promise
    case export
}

/// An entry of the log: a digest and a signature, nothing that could not be public.
package struct LogLeaf: Equatable, Sendable {
    package let keyID: String
    package let type: LeafType
    /// The SHA-256 of what was signed.
    package let signedDigest: SHA256Digest
    package let signature: Ed25519Signature

    /// The leaf of a signed statement.
    package init(of envelope: DSSEEnvelope, type: LeafType) {
        keyID = envelope.keyID
        self.type = type
        signedDigest = SHA256Digest(of: envelope.preAuthenticationEncoding)
        signature = envelope.signature
    }

    /// The entry's bytes.
    package var bytes: [UInt8] {
        CanonicalJSON.encode(
            JSONObject(
                dictionaryLiteral: ("k", .string(keyID)), ("p", .string(signedDigest.hexadecimal)),
                ("s", .string(Hexadecimal.encode(signature.bytes))), ("t", .string(type.rawValue)), ("v", 1)))
    }

    package var hash: SHA256Digest { MerkleHash.leaf(bytes) }
}

/// The chain of one user's receipts: each names the one before it, so that a record left out leaves a gap.
package enum ReceiptChain {
    /// What the first receipt names.
    package static let start = String(repeating: "0", count: 64)

    /// What the receipt after this signature names.
    package static func link(after signature: Ed25519Signature) -> String {
        SHA256Digest(of: signature.bytes).hexadecimal
    }
}
