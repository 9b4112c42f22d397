package import Sodium

/// All that a log's root has said of its keys, and from it what a key was good for at any place in the log.
package struct KeyHistory: Equatable, Sendable {
    package struct Entry: Equatable, Sendable {
        package let key: Ed25519PublicKey
        package let keyID: KeyID
        package let role: KeyRole
        package let addedIndex: UInt64
        /// Where the key was retired or revoked, whichever came first.
        package fileprivate(set) var endedIndex: UInt64?
        package fileprivate(set) var revokedIndex: UInt64?
        /// Where the key came into other hands, if it was revoked.
        package fileprivate(set) var compromisedSince: UInt64?
    }

    package enum Standing: Equatable, Sendable {
        case active
        /// The key was still in use, but perhaps by somebody else.
        case suspect
        case inactive
    }

    /// In the order in which the keys were added.
    package private(set) var entries: [Entry] = []

    /// - Parameter events: with their places in the log, ascending.
    /// - Throws: `invalidKeyHistory` if they contradict each other.
    package init(events: [(index: UInt64, event: KeyEvent)]) throws(AuditError) {
        var last: UInt64?
        for (index, event) in events {
            guard last.map({ $0 < index }) ?? true else {
                throw AuditError(.invalidKeyHistory, "the key events are not in their order")
            }
            last = index
            try apply(event, at: index)
        }
    }

    /// The keys that have signed checkpoints, whether or not they still do.
    package func noteKeys(origin: String) -> [NoteKey] {
        entries.filter { $0.role == .log }.compactMap { NoteKey(name: origin, publicKey: $0.key) }
    }

    package func entry(for keyID: KeyID) -> Entry? { entries.first { $0.keyID == keyID } }

    private mutating func apply(_ event: KeyEvent, at index: UInt64) throws(AuditError) {
        let place = entries.firstIndex { $0.keyID == event.keyID }
        switch event.action {
        case .add(let key, _, _):
            guard place == nil else { throw AuditError(.invalidKeyHistory, "a key is added twice") }
            entries.append(Entry(key: key, keyID: event.keyID, role: event.role, addedIndex: index))
        case .retire:
            let place = try existing(place, event)
            entries[place].endedIndex = entries[place].endedIndex ?? index
        case .revoke(_, let compromisedSince):
            let place = try existing(place, event)
            let since = compromisedSince ?? index
            guard since <= index else {
                throw AuditError(.invalidKeyHistory, "a key is revoked before it came into other hands")
            }
            entries[place].endedIndex = entries[place].endedIndex ?? index
            entries[place].revokedIndex = entries[place].revokedIndex ?? index
            entries[place].compromisedSince = min(since, entries[place].compromisedSince ?? since)
        }
    }

    private func existing(_ place: Int?, _ event: KeyEvent) throws(AuditError) -> Int {
        guard let place, entries[place].role == event.role else {
            throw AuditError(.invalidKeyHistory, "a key event is about a key that was not added in that role")
        }
        return place
    }
}

extension KeyHistory.Entry {
    /// What the key was good for when it signed the record at an index.
    package func standing(atRecord index: UInt64) -> KeyHistory.Standing {
        guard addedIndex < index, endedIndex.map({ index < $0 }) ?? true else { return .inactive }
        return compromisedSince.map { index >= $0 } ?? false ? .suspect : .active
    }

    /// What the key was good for when it signed the checkpoint of a log of this size.
    package func standing(atSize size: UInt64) -> KeyHistory.Standing {
        guard addedIndex < size, endedIndex.map({ size <= $0 }) ?? true else { return .inactive }
        return compromisedSince.map { size > $0 } ?? false ? .suspect : .active
    }

    /// The row that describes the key to the public.
    package func json(origin: String) -> JSONObject {
        var row: JSONObject = [
            "keyid": .string(keyID.text), "role": .string(role.rawValue),
            "verify_key_hex": .string(Hexadecimal.encode(key.bytes)), "did": .string(DIDKey.text(of: key)),
            "status": revokedIndex != nil ? "revoked" : endedIndex != nil ? "retired" : "active",
            "added_index": .string(String(addedIndex)),
        ]
        if role == .log { row["vkey"] = NoteKey(name: origin, publicKey: key).map { .string($0.verifierKey) } }
        row["ended_index"] = endedIndex.map { .string(String($0)) }
        row["compromised_since"] = compromisedSince.map { .string(String($0)) }
        return row
    }
}
