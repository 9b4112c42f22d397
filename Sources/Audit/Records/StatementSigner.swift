package import Sodium

/// A key that signs statements of one kind, with all that its leaves say of it.
package struct StatementSigner: Sendable {
    package let key: Ed25519SigningKey
    package let keyID: KeyID
    package let observation: Observation

    /// What stands before and behind the digest and the signature in the leaves.
    private let entryHead: [UInt8]
    private let entryTail: [UInt8]

    package init(key: Ed25519SigningKey, observation: Observation) {
        self.key = key
        keyID = KeyID(of: key.publicKey)
        self.observation = observation
        entryHead = Array("{\"k\":\"\(keyID)\",\"p\":\"".utf8)
        entryTail = Array("\",\"t\":\"\(observation.leafType.rawValue)\",\"v\":1}".utf8)
    }

    /// The bytes of the leaf of something that this key has signed.
    func entry(signedDigest: SHA256Digest, signature: Ed25519Signature) -> [UInt8] {
        var entry: [UInt8] = []
        entry.reserveCapacity(entryHead.count + entryTail.count + 224)
        entry.append(contentsOf: entryHead)
        signedDigest.withSpan { Hexadecimal.append($0, to: &entry) }
        entry.append(contentsOf: "\",\"s\":\"".utf8)
        Hexadecimal.append(signature.bytes.span, to: &entry)
        entry.append(contentsOf: entryTail)
        return entry
    }
}
