/// What lets a reader check one commitment of a statement: its salt and the digest of the value that it hides.
package struct Opening: Equatable, Sendable {
    package let field: String
    package let salt: String
    package let digest: String
    /// The value itself, for details only.
    package let details: RunDetails?

    package init(field: CommitmentField, salt: Salt, valueDigest: SHA256Digest) {
        self.field = field.rawValue
        self.salt = Hexadecimal.encode(salt.bytes)
        digest = valueDigest.hexadecimal
        details = nil
    }

    package init(details: RunDetails, salt: Salt) {
        field = CommitmentField.details.rawValue
        self.salt = Hexadecimal.encode(salt.bytes)
        digest = SHA256Digest(of: details.value).hexadecimal
        self.details = details
    }

    package var json: JSONValue {
        var object: JSONObject = ["field": .string(field), "salt": .string(salt), "sha256": .string(digest)]
        object["value"] = details.map { .object($0.json) }
        return .object(object)
    }

    /// - Throws: `invalidShape`.
    package init(_ json: JSONValue) throws(AuditError) {
        let members = try ClosedObject(json, "an opening", required: ["field", "salt", "sha256"], optional: ["value"])
        field = try members.string("field")
        salt = try members.string("salt")
        digest = try members.string("sha256")
        if let value = members.object["value"] { details = try RunDetails(value) } else { details = nil }
    }

    /// Whether it opens a commitment of this statement, and says nothing else.
    package func opens(_ statement: RunStatement) -> Bool {
        guard let field = CommitmentField.allCases.first(where: { $0.rawValue.utf8.elementsEqual(field.utf8) }),
            statement.observation == .gatewayObserved || field == .details,
            let salt = Hexadecimal.decode(salt).flatMap(Salt.init(bytes:)),
            let digest = SHA256Digest(hexadecimal: digest), (field == .details) == (details != nil)
        else { return false }
        if let details, SHA256Digest(of: details.value) != digest { return false }
        return statement.commitments[field] == field.commitment(to: digest, salt: salt)
    }
}
