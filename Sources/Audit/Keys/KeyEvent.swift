package import Sodium

/// A change of the keys that a log trusts, signed by its root. It works from its own place in the log.
package struct KeyEvent: Equatable, Sendable {
    package enum Action: Equatable, Sendable {
        /// The key may sign from now on. The two times inform, nothing more.
        case add(key: Ed25519PublicKey, notBefore: String, notAfter: String?)
        /// The key signs no more; what it signed stays good.
        case retire(reason: String)
        /// The key is in other hands: since an index of the log, or since this event.
        case revoke(reason: String, compromisedSince: UInt64?)
    }

    static let predicateName = "key-event"
    private static let type = "https://in-toto.io/Statement/v1"

    package let origin: String
    package let role: KeyRole
    package let keyID: KeyID
    package let action: Action
    /// When the event was made, in the root's words.
    package let time: String

    /// - Throws: `invalidShape` if a value is not what the format lays down.
    package init(origin: String, role: KeyRole, keyID: KeyID, action: Action, time: AuditTime) throws(AuditError) {
        self.origin = origin
        self.role = role
        self.keyID = keyID
        self.action = action
        self.time = time.text
        // Nothing is signed that a verifier would refuse.
        _ = try KeyEvent(json)
    }

    /// An event that adds a key.
    package static func adding(
        _ key: Ed25519PublicKey, as role: KeyRole, origin: String, at time: AuditTime
    ) throws(AuditError) -> KeyEvent {
        try KeyEvent(
            origin: origin, role: role, keyID: KeyID(of: key),
            action: .add(key: key, notBefore: time.text, notAfter: nil), time: time)
    }

    /// The bytes to sign.
    package var payload: [UInt8] { CanonicalJSON.encode(json) }
}

// MARK: - Writing

extension KeyEvent {
    package var json: JSONValue {
        [
            "_type": .string(Self.type), "subject": subject,
            "predicateType": .string(PredicateType.text(origin: origin, name: Self.predicateName)),
            "predicate": .object(predicate),
        ]
    }

    private var subject: JSONValue {
        [["name": .string(role.rawValue), "digest": ["sha256": .string(keyID.text)]]]
    }

    private var predicate: JSONObject {
        var predicate: JSONObject = [
            "role": .string(role.rawValue), "keyid": .string(keyID.text), "time": .string(time),
        ]
        switch action {
        case .add(let key, let notBefore, let notAfter):
            predicate["action"] = "add"
            predicate["verify_key_hex"] = .string(Hexadecimal.encode(key.bytes))
            predicate["did"] = .string(DIDKey.text(of: key))
            predicate["not_before"] = .string(notBefore)
            predicate["not_after"] = notAfter.map(JSONValue.string)
            if role == .log {
                predicate["vkey"] = NoteKey(name: origin, publicKey: key).map { .string($0.verifierKey) }
            }
        case .retire(let reason):
            predicate["action"] = "retire"
            predicate["reason"] = .string(reason)
        case .revoke(let reason, let compromisedSince):
            predicate["action"] = "revoke"
            predicate["reason"] = .string(reason)
            predicate["compromised_since"] = compromisedSince.map { .string(String($0)) }
        }
        return predicate
    }
}

// MARK: - Reading

extension KeyEvent {
    /// Reads an event that was parsed from signed bytes.
    ///
    /// - Throws: `invalidShape`.
    package init(_ json: JSONValue) throws(AuditError) {
        let statement = try ClosedObject(
            json, "the key event", required: ["_type", "subject", "predicateType", "predicate"])
        _ = try statement.string("_type", .exactly(Self.type))
        guard
            let origin = PredicateType.origin(
                in: try statement.string("predicateType"), name: Self.predicateName)
        else { throw statement.shapeError("predicateType", "that of a key event") }
        let json = try statement.value("predicate")
        let members = try Self.predicate(json)
        guard let keyID = KeyID(text: try members.string("keyid")) else {
            throw members.shapeError("keyid", "64 lower-case hexadecimal digits")
        }
        self.origin = origin
        role = try members.choice("role")
        self.keyID = keyID
        time = try members.string("time", .time)
        action = try Self.action(members)
        // Whatever follows from the rest (key id, DID, verifier key, subject) has to be what would be written.
        guard self.json == .object(statement.object) else {
            throw AuditError(.invalidShape, "the key event contradicts itself")
        }
    }

    private static func predicate(_ json: JSONValue) throws(AuditError) -> ClosedObject {
        let action = json.object?["action"] ?? .null
        let required =
            action == "add" ? ["verify_key_hex", "did", "not_before"] : ["reason"]
        let optional = action == "add" ? ["vkey", "not_after"] : action == "revoke" ? ["compromised_since"] : []
        let members = try ClosedObject(
            json, "the predicate", required: ["action", "role", "keyid", "time"] + required, optional: optional)
        _ = try members.string("action", .oneOf(["add", "retire", "revoke"]))
        return members
    }

    private static func action(_ members: ClosedObject) throws(AuditError) -> Action {
        if members.object["action"] == "add" {
            guard let bytes = Hexadecimal.decode(try members.string("verify_key_hex")),
                let key = Ed25519PublicKey(bytes: bytes), key.isStrictlyValid,
                try members.string("keyid").utf8.elementsEqual(KeyID(of: key).text.utf8)
            else { throw members.shapeError("verify_key_hex", "the key that keyid names") }
            return .add(
                key: key, notBefore: try members.string("not_before", .time),
                notAfter: members.object["not_after"] == nil ? nil : try members.string("not_after", .time))
        }
        let reason = try members.string("reason", .nonEmpty)
        if members.object["action"] == "retire" { return .retire(reason: reason) }
        let since = members.object["compromised_since"] == nil ? nil : try members.string("compromised_since", .count)
        return .revoke(reason: reason, compromisedSince: since.flatMap(UInt64.init))
    }
}
