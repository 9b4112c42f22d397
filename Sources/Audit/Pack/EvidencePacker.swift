package import Sodium

/// Makes evidence packs: everything that a stranger needs to verify one record offline, in one JSON file.
package struct EvidencePacker: Sendable {
    static let format = "vaas-evidence/v1"

    /// The key that signed the key events.
    package let root: Ed25519PublicKey

    package init(root: Ed25519PublicKey) {
        self.root = root
    }

    /// Packs a signed statement.
    ///
    /// - Parameters:
    ///   - publicKey: the key that signed it.
    ///   - proof: of its leaf.
    ///   - keyEvents: all below the checkpoint's size about the signing key and the log's key, ascending; their proofs end
    ///     in the same checkpoint.
    ///   - openings: none in a public pack.
    /// - Throws: `malformedJSON`, `refusedJSON`, `invalidShape` if the envelope holds no statement of a run.
    package func pack(
        _ envelope: DSSEEnvelope, publicKey: Ed25519PublicKey, proof: LogProof, keyEvents: [LoggedKeyEvent],
        openings: [Opening] = []
    ) throws(AuditError) -> JSONObject {
        let statement = try RunStatement(try JSONParser.parse(envelope.payload))
        let leaf = LogLeaf(of: envelope, type: statement.observation.leafType)
        var pack: JSONObject = ["format": .string(Self.format)]
        for member in FlatProjection.members(of: statement).members { pack[member.name] = member.value }
        pack["verification_method"] = .string(FlatProjection.verificationMethod)
        pack["signature_suite"] = .string(FlatProjection.signatureSuite)
        pack["public_key"] = .string(FlatProjection.text(of: publicKey))
        pack["signature"] = .string(FlatProjection.text(of: envelope.signature))
        pack["payload"] = .object(FlatProjection.payload(of: statement))
        pack["dsse"] = envelope.json
        pack["log"] = [
            "origin": .string(statement.origin), "index": .string(String(proof.index)),
            "leaf_hash": .string(leaf.hash.hexadecimal), "tlog_proof": .string(proof.text),
        ]
        pack["keys"] = [
            "root_keyid": .string(KeyID(of: root).text), "events": .array(keyEvents.map(\.json)),
        ]
        pack["timestamps"] = []
        pack["openings"] = .array(openings.map(\.json))
        return pack
    }
}
