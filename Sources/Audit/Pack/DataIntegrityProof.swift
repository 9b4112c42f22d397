package import Sodium

/// A signature over a whole pack, by the W3C's cryptosuite for canonical JSON.
///
/// https://www.w3.org/TR/vc-di-eddsa/#eddsa-jcs-2022
package struct DataIntegrityProof: Equatable, Sendable {
    private let json: JSONObject
    private let document: JSONObject

    /// - Throws: `invalidShape`.
    init(_ json: JSONValue, of pack: JSONObject) throws(AuditError) {
        let members = try ClosedObject(
            json, "the proof",
            required: ["type", "cryptosuite", "verificationMethod", "proofPurpose", "proofValue"],
            optional: ["created"])
        for member in members.object.names { _ = try members.string(member) }
        self.json = members.object
        var document = pack
        document["proof"] = nil
        self.document = document
    }

    /// Signs a pack that has no proof yet; the result carries it.
    package static func adding(to pack: JSONObject, by key: Ed25519SigningKey) -> JSONObject {
        var options: JSONObject = [
            "type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022",
            "verificationMethod": .string("\(DIDKey.text(of: key.publicKey))#\(DIDKey.multibase(of: key.publicKey))"),
            "proofPurpose": "assertionMethod",
        ]
        let signature = key.signature(for: signedBytes(options: options, document: pack))
        options["proofValue"] = .string("z" + Base58.encode(signature.bytes))
        var pack = pack
        pack["proof"] = .object(options)
        return pack
    }

    /// The key that made the proof, in the proof's own words; nil if they name none.
    var publicKey: Ed25519PublicKey? {
        json["verificationMethod"]?.string.flatMap(DIDKey.key(ofVerificationMethod:))
    }

    /// Whether the key that it names has signed the pack as it is.
    var isSigned: Bool {
        guard json["type"] == "DataIntegrityProof", json["cryptosuite"] == "eddsa-jcs-2022",
            json["proofPurpose"] == "assertionMethod", let publicKey, publicKey.isStrictlyValid,
            let text = json["proofValue"]?.string, text.utf8.count < 128, text.utf8.first == UInt8(ascii: "z"),
            let signature = Base58.decode(String(text.dropFirst())).flatMap(Ed25519Signature.init(bytes:))
        else { return false }
        var options = json
        options["proofValue"] = nil
        return publicKey.isValid(signature, for: Self.signedBytes(options: options, document: document))
    }

    private static func signedBytes(options: JSONObject, document: JSONObject) -> [UInt8] {
        SHA256Digest(of: CanonicalJSON.encode(options)).bytes + SHA256Digest(of: CanonicalJSON.encode(document)).bytes
    }
}
