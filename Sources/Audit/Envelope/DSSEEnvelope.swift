package import Sodium

/// A signed in-toto statement: a DSSE envelope with exactly one Ed25519 signature.
///
/// It holds the very bytes that were signed. They are verified first and parsed after, never written again.
///
/// https://github.com/secure-systems-lab/dsse/blob/v1.0.2/envelope.md
package struct DSSEEnvelope: Equatable, Sendable {
    package static let payloadType = "application/vnd.in-toto+json"

    package let payloadType: String
    package let payload: [UInt8]
    /// Which key has signed, in the envelope's own words: a hint, until the signature is verified with that key.
    package let keyID: String
    package let signature: Ed25519Signature

    init(payloadType: String, payload: [UInt8], keyID: String, signature: Ed25519Signature) {
        self.payloadType = payloadType
        self.payload = payload
        self.keyID = keyID
        self.signature = signature
    }

    /// The envelope of a payload that was signed before.
    package init(payload: [UInt8], keyID: KeyID, signature: Ed25519Signature) {
        self.init(payloadType: Self.payloadType, payload: payload, keyID: keyID.text, signature: signature)
    }

    /// Signs a payload.
    package init(signing payload: [UInt8], by key: Ed25519SigningKey) {
        let encoding = Self.preAuthenticationEncoding(type: Self.payloadType, body: payload)
        self.init(
            payloadType: Self.payloadType, payload: payload, keyID: KeyID(of: key.publicKey).text,
            signature: key.signature(for: encoding))
    }

    /// What the signature covers.
    package var preAuthenticationEncoding: [UInt8] {
        Self.preAuthenticationEncoding(type: payloadType, body: payload)
    }

    /// Whether this key has signed the payload, and the envelope says so.
    package func isSigned(by key: Ed25519PublicKey) -> Bool {
        keyID.utf8.elementsEqual(KeyID(of: key).text.utf8) && key.isValid(signature, for: preAuthenticationEncoding)
    }

    /// https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md#signature-definition
    package static func preAuthenticationEncoding(type: String, body: [UInt8]) -> [UInt8] {
        Array("DSSEv1 \(type.utf8.count) \(type) \(body.count) ".utf8) + body
    }
}

extension DSSEEnvelope {
    package var json: JSONValue {
        [
            "payload": .string(Base64.encode(payload)),
            "payloadType": .string(payloadType),
            "signatures": [["keyid": .string(keyID), "sig": .string(Base64.encode(signature.bytes))]],
        ]
    }

    /// - Throws: `invalidShape`.
    package init(_ json: JSONValue) throws(AuditError) {
        let members = try ClosedObject(json, "dsse", required: ["payload", "payloadType", "signatures"])
        let signatures = try members.array("signatures")
        guard signatures.count == 1 else {
            throw AuditError(.invalidShape, "dsse has \(signatures.count) signatures instead of one")
        }
        let first = try ClosedObject(signatures[0], "a signature of dsse", required: ["keyid", "sig"])
        guard let payload = Base64.decode(try members.string("payload")),
            let bytes = Base64.decode(try first.string("sig")), let signature = Ed25519Signature(bytes: bytes)
        else { throw AuditError(.invalidShape, "dsse holds something other than canonical base64") }
        self.init(
            payloadType: try members.string("payloadType"), payload: payload, keyID: try first.string("keyid"),
            signature: signature)
    }
}
