package import Sodium

/// What a verifier knows from elsewhere. Nothing in a pack is believed but for what leads back to this.
package struct TrustPolicy: Sendable {
    /// The roots whose key events count.
    package var roots: [Ed25519PublicKey]
    /// Key events that were saved at another time: a pack can't show that a later revocation was left out of it.
    package var savedEvents: [LoggedKeyEvent]
    /// A checkpoint of the same log that the verifier keeps.
    package var pinned: Checkpoint?
    /// Proof that connects the pinned checkpoint and the pack's; not needed if they are of one size.
    package var consistency: ConsistencyProof?

    package init(
        roots: [Ed25519PublicKey], savedEvents: [LoggedKeyEvent] = [], pinned: Checkpoint? = nil,
        consistency: ConsistencyProof? = nil
    ) {
        self.roots = roots
        self.savedEvents = savedEvents
        self.pinned = pinned
        self.consistency = consistency
    }

    func root(for keyID: String) -> Ed25519PublicKey? {
        roots.first { KeyID(of: $0).text.utf8.elementsEqual(keyID.utf8) }
    }
}

extension TrustPolicy {
    /// Reads a list of roots: one a line in hexadecimal, `#` begins a comment.
    ///
    /// - Throws: `invalidKey`.
    package static func roots(in text: String) throws(AuditError) -> [Ed25519PublicKey] {
        var roots: [Ed25519PublicKey] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let digits = String(line.prefix { $0 != "#" }).split(whereSeparator: \.isWhitespace).joined(separator: " ")
            guard !digits.isEmpty else { continue }
            guard let key = Hexadecimal.decode(digits).flatMap(Ed25519PublicKey.init(bytes:)), key.isStrictlyValid
            else { throw AuditError(.invalidKey, "a line of the trusted roots is not a public key") }
            roots.append(key)
        }
        return roots
    }

    /// Reads the key events in a saved answer of the key history endpoint.
    ///
    /// - Throws: `malformedJSON`, `refusedJSON`, `invalidShape`.
    package static func savedEvents(in bytes: [UInt8]) throws(AuditError) -> [LoggedKeyEvent] {
        guard let object = try JSONParser.parse(bytes).object, let list = object["events"]?.array else {
            throw AuditError(.invalidShape, "the saved keys have no events")
        }
        var events: [LoggedKeyEvent] = []
        for event in list { events.append(try LoggedKeyEvent(event)) }
        return events
    }
}
