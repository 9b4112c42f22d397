package import Sodium

/// A key event with its place in a log and the proof that it stands there.
package struct LoggedKeyEvent: Equatable, Sendable {
    /// The index as its holder writes it; the proof's own is what counts.
    package let index: String
    package let envelope: DSSEEnvelope
    /// The proof's text.
    package let proof: String

    package init(index: UInt64, envelope: DSSEEnvelope, proof: LogProof) {
        self.index = String(index)
        self.envelope = envelope
        self.proof = proof.text
    }

    package var json: JSONValue {
        ["index": .string(index), "dsse": envelope.json, "tlog_proof": .string(proof)]
    }

    /// - Throws: `invalidShape`.
    package init(_ json: JSONValue) throws(AuditError) {
        let members = try ClosedObject(json, "a key event", required: ["index", "dsse", "tlog_proof"])
        index = try members.string("index")
        envelope = try DSSEEnvelope(try members.value("dsse"))
        proof = try members.string("tlog_proof")
    }

    /// The event, once its place is proved and the root has signed it.
    ///
    /// - Throws: `invalidKeyHistory`.
    package func verified(by root: Ed25519PublicKey) throws(AuditError) -> (index: UInt64, event: KeyEvent) {
        try checkSignature(by: root)
        return try proved()
    }

    /// - Throws: `invalidKeyHistory` if the root has not signed it.
    func checkSignature(by root: Ed25519PublicKey) throws(AuditError) {
        guard envelope.payloadType.utf8.elementsEqual(DSSEEnvelope.payloadType.utf8), envelope.isSigned(by: root) else {
            throw AuditError(.invalidKeyHistory, "a key event is not signed by the root")
        }
    }

    /// The event, once its place is proved; who has signed it remains open.
    ///
    /// - Throws: `invalidKeyHistory`.
    func proved() throws(AuditError) -> (index: UInt64, event: KeyEvent) {
        do throws(AuditError) {
            let proof = try LogProof(text: proof)
            let checkpoint = try Checkpoint(text: SignedNote(proof.note).text)
            let event = try KeyEvent(Self.canonical(envelope.payload))
            let root = proof.inclusion.root(
                leafHash: LogLeaf(of: envelope, type: .key).hash, index: proof.index, size: checkpoint.size)
            guard root == checkpoint.root else { throw AuditError(.invalidProof, "it is not in the log at its index") }
            guard String(proof.index).utf8.elementsEqual(index.utf8) else {
                throw AuditError(.invalidProof, "its proof is for another index")
            }
            guard event.origin.utf8.elementsEqual(checkpoint.origin.utf8) else {
                throw AuditError(.invalidProof, "it is of another log")
            }
            return (proof.index, event)
        } catch {
            throw AuditError(.invalidKeyHistory, "a key event is not proved: \(error.message)")
        }
    }

    /// The value in bytes that are its canonical form.
    private static func canonical(_ payload: [UInt8]) throws(AuditError) -> JSONValue {
        let value = try JSONParser.parse(payload)
        guard CanonicalJSON.encode(value) == payload else {
            throw AuditError(.invalidShape, "its payload is not canonical")
        }
        return value
    }
}
