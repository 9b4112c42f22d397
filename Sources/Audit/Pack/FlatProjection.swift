package import Sodium

/// A signed statement in the flat fields that clients read. They say nothing of their own: a pack in which one of them
/// differs from the statement is refused.
package enum FlatProjection {
    static let verificationMethod = "Ed25519Signature2020"
    static let signatureSuite = "dsse-v1+ed25519"

    /// The members at the pack's top that repeat the statement. Null stands for what the statement doesn't have.
    static func members(of statement: RunStatement) -> JSONObject {
        [
            "record_id": .string(statement.recordID.recordText), "audit_id": .string(statement.recordID.auditText),
            "run_id": optional(statement.run?.runID), "trace_id": optional(statement.run?.traceID),
            "route_id": optional(statement.run?.routeID), "provider": optional(statement.run?.provider),
            "environment": .string(statement.environment),
            "prompt_version_id": optional(statement.run?.promptVersionID),
        ]
    }

    /// The member `payload`.
    static func payload(of statement: RunStatement) -> JSONObject {
        var payload = members(of: statement)
        payload["model_id"] = .string(statement.modelID)
        payload["observation"] = .string(statement.observation.rawValue)
        payload["evidence_level"] = .string(statement.observation.evidenceLevel)
        payload["outcome"] = .string(statement.outcome.rawValue)
        payload["received_at"] = .string(statement.receivedAt)
        payload["completed_at"] = .string(statement.completedAt)
        payload["hash_mode"] = .string(statement.observation.hashMode)
        payload["input_hash"] = hash(statement.commitments[.input])
        payload["output_hash"] = hash(statement.commitments[.output])
        return payload
    }

    package static func text(of signature: Ed25519Signature) -> String {
        "ed25519:" + Hexadecimal.encode(signature.bytes)
    }

    package static func text(of key: Ed25519PublicKey) -> String { keyPrefix + Hexadecimal.encode(key.bytes) }

    static func publicKey(in text: String) -> Ed25519PublicKey? {
        guard text.utf8.starts(with: keyPrefix.utf8) else { return nil }
        return Hexadecimal.decode(String(text.dropFirst(keyPrefix.count))).flatMap(Ed25519PublicKey.init(bytes:))
    }

    private static let keyPrefix = "ed25519:pk_"

    private static func optional(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }

    private static func hash(_ digest: SHA256Digest?) -> JSONValue {
        digest.map { .string("sha256:" + $0.hexadecimal) } ?? .null
    }
}
