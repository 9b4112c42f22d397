internal import Sodium

extension PackVerification {
    /// Whether a trusted root stands behind the keys that signed the statement, the checkpoint and the proof.
    var keyTrusted: Finding {
        guard !trust.roots.isEmpty else { return .fail("no root is trusted") }
        guard let root = trust.root(for: pack.rootKeyID) else { return .fail("the root is not a trusted one") }
        do throws(AuditError) {
            for event in pack.keyEvents {
                try event.checkSignature(by: root)
                try checkCheckpoint(of: event)
            }
            let history = try history.get()
            let signer = try trustedSigner(in: history)
            let exporter = try trustedExporter(in: history)
            guard !noteKeys.isEmpty else { return .fail("the log's key was never added") }
            let known = [signer, exporter].compactMap(\.self) + noteKeys
            try checkPresence(of: known)
            try checkStrangers(in: history, known: known)
            return .pass
        } catch {
            return .fail(error.message)
        }
    }

    private func checkCheckpoint(of event: LoggedKeyEvent) throws(AuditError) {
        guard try LogProof(text: event.proof).note.utf8.elementsEqual(try proof.get().note.utf8) else {
            throw AuditError(.invalidKeyHistory, "a key event is proved against another checkpoint")
        }
    }

    private func trustedSigner(in history: KeyHistory) throws(AuditError) -> KeyHistory.Entry {
        guard let entry = KeyID(text: pack.envelope.keyID).flatMap(history.entry(for:)), entry.key == publicKey else {
            throw AuditError(.invalidKeyHistory, "the key that signed the statement was never added")
        }
        if case .success(let statement) = statement, entry.role != statement.observation.role {
            throw AuditError(.invalidKeyHistory, "the key that signed the statement has another role")
        }
        return entry
    }

    private func trustedExporter(in history: KeyHistory) throws(AuditError) -> KeyHistory.Entry? {
        guard let proof = pack.proof else { return nil }
        guard let key = proof.publicKey, let entry = history.entry(for: KeyID(of: key)), entry.role == .export,
            case .success(let checkpoint) = checkpoint, entry.standing(atSize: checkpoint.size) == .active
        else { throw AuditError(.invalidKeyHistory, "the key that made the proof may not make proofs") }
        return entry
    }

    /// Refuses a pack that leaves out where its keys come from, though the verifier may know that from elsewhere.
    private func checkPresence(of known: [KeyHistory.Entry]) throws(AuditError) {
        let added = try keyEvents.get().compactMap { event in
            if case .add = event.event.action { event.event.keyID } else { nil }
        }
        guard known.allSatisfy({ added.contains($0.keyID) }) else {
            throw AuditError(.invalidKeyHistory, "the pack leaves out the event that added one of its keys")
        }
    }

    /// Refuses events that the pack has no use for. Those of export keys may stay behind when a proof is taken out.
    private func checkStrangers(in history: KeyHistory, known: [KeyHistory.Entry]) throws(AuditError) {
        for (_, event) in try keyEvents.get() {
            let keyID = event.keyID
            guard known.contains(where: { $0.keyID == keyID }) || history.entry(for: keyID)?.role == .export else {
                throw AuditError(.invalidKeyHistory, "a key event is about a key that the pack doesn't use")
            }
        }
    }

    /// Whether the keys were good for signing this record and this checkpoint.
    var keyActiveAtIndex: Finding {
        guard case .success(let history) = history, case .success(let proof) = proof,
            case .success(let checkpoint) = checkpoint,
            let signer = KeyID(text: pack.envelope.keyID).flatMap(history.entry(for:))
        else { return .notChecked("the keys or the record's index are not known") }
        let logStandings = noteKeys.map { $0.standing(atSize: checkpoint.size) }
        let logStanding: KeyHistory.Standing =
            logStandings.contains(.active) ? .active : logStandings.contains(.suspect) ? .suspect : .inactive
        switch (signer.standing(atRecord: proof.index), logStanding) {
        case (.inactive, _): return .fail("the key was not active when the record was signed")
        case (_, .inactive): return .fail("the log's key was not active when the checkpoint was signed")
        case (.suspect, _): return .suspect("the key may have been in other hands when the record was signed")
        case (_, .suspect): return .suspect("the log's key may have been in other hands")
        case (.active, .active): return .pass
        }
    }
}
