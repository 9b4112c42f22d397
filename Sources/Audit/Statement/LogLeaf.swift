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

    /// Reads an entry; nil unless it is a leaf in its canonical form.
    package init?(entry: [UInt8]) {
        // Whatever is wrong with it, it is no leaf.
        guard let object = (try? JSONParser.parse(entry))?.object, object["v"] == 1,
            let keyID = object["k"]?.string.flatMap(KeyID.init(text:)),
            let type = object["t"]?.string.flatMap(LeafType.init(rawValue:)),
            let digest = object["p"]?.string.flatMap(SHA256Digest.init(hexadecimal:)),
            let signature = object["s"]?.string.flatMap(Hexadecimal.decode).flatMap(Ed25519Signature.init(bytes:))
        else { return nil }
        self.keyID = keyID.text
        self.type = type
        signedDigest = digest
        self.signature = signature
        guard bytes == entry else { return nil }
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
    package static let start = startDigest.hexadecimal

    /// The same as a digest: 32 zero bytes.
    package static let startDigest = SHA256Digest.zero

    /// What the receipt after this signature names, as a digest.
    package static func digest(after signature: Ed25519Signature) -> SHA256Digest {
        SHA256Digest(of: signature.bytes)
    }

    /// What the receipt after this signature names.
    package static func link(after signature: Ed25519Signature) -> String {
        digest(after: signature).hexadecimal
    }
}
