internal import Sodium

/// One verification of one pack: what could be read of it, and the checks over that.
///
/// Checks stand on their own as far as they can: each looks at what it is about and takes the rest as the pack has it.
/// Only all of them together say anything.
struct PackVerification {
    enum Finding: Equatable {
        case pass
        case fail(String)
        case suspect(String)
        case notPresent
        case notChecked(String)
    }

    let pack: UnverifiedEvidencePack
    let trust: TrustPolicy
    let payload: Result<JSONValue, AuditError>
    let statement: Result<RunStatement, AuditError>
    let proof: Result<LogProof, AuditError>
    let note: Result<SignedNote, AuditError>
    let checkpoint: Result<Checkpoint, AuditError>
    /// The key events of the pack in their places, whoever signed them.
    let keyEvents: Result<[(index: UInt64, event: KeyEvent)], AuditError>
    /// What they say together with the saved ones.
    let history: Result<KeyHistory, AuditError>
    let publicKey: Ed25519PublicKey?

    init(_ pack: UnverifiedEvidencePack, trust: TrustPolicy) {
        self.pack = pack
        self.trust = trust
        let payload = Result { () throws(AuditError) in try JSONParser.parse(pack.envelope.payload) }
        self.payload = payload
        statement = Result { () throws(AuditError) in try RunStatement(try payload.get()) }
        let proof = Result { () throws(AuditError) in try LogProof(text: pack.log.proof) }
        self.proof = proof
        let note = Result { () throws(AuditError) in try SignedNote(try proof.get().note) }
        self.note = note
        checkpoint = Result { () throws(AuditError) in try Checkpoint(text: try note.get().text) }
        let keyEvents = Result { () throws(AuditError) in
            var events: [(index: UInt64, event: KeyEvent)] = []
            for event in pack.keyEvents { events.append(try event.proved()) }
            return events
        }
        self.keyEvents = keyEvents
        history = Result { () throws(AuditError) in
            try KeyHistory(events: Self.merged(try keyEvents.get(), try trust.savedEvents(about: pack)))
        }
        publicKey = pack.object["public_key"]?.string.flatMap(FlatProjection.publicKey(in:))
    }

    var report: VerificationReport {
        var findings: [VerificationReport.CheckName: Finding] = [:]
        for name in VerificationReport.CheckName.allCases { findings[name] = finding(name) }
        return VerificationReport(recordID: recordID, findings: findings)
    }

    private var recordID: RecordID? {
        (try? statement.get())?.recordID  // An unreadable statement names no record; the checks say why.
            ?? pack.object["record_id"]?.string.flatMap(RecordID.init(text:))
    }

    private func finding(_ name: VerificationReport.CheckName) -> Finding {
        switch name {
        case .format: format
        case .canonical: canonical
        case .projection: projection
        case .signature: signature
        case .keyTrusted: keyTrusted
        case .keyActiveAtIndex: keyActiveAtIndex
        case .leaf: leaf
        case .inclusion: inclusion
        case .checkpointSignature: checkpointSignature
        case .witnessQuorum, .timestamp: .notPresent
        case .consistencyWithPinned: consistencyWithPinned
        case .openings: openings
        case .notErased: .notChecked("only the log's operator knows")
        }
    }

    /// The events of a pack together with saved ones, which repeat some of them.
    private static func merged(
        _ events: [(index: UInt64, event: KeyEvent)], _ saved: [(index: UInt64, event: KeyEvent)]
    ) throws(AuditError) -> [(index: UInt64, event: KeyEvent)] {
        var merged = events
        for (index, event) in saved {
            if let known = events.first(where: { $0.index == index }) {
                guard known.event == event else {
                    throw AuditError(.invalidKeyHistory, "a key event differs from the saved one")
                }
            } else {
                let place = merged.firstIndex { $0.index > index } ?? merged.endIndex
                merged.insert((index, event), at: place)
            }
        }
        return merged
    }
}

extension TrustPolicy {
    /// The saved events of the pack's root and log; without such a root there are none.
    ///
    /// One that the root has not signed spoils them all: the revocation that counts might be the one that was damaged.
    fileprivate func savedEvents(
        about pack: UnverifiedEvidencePack
    ) throws(AuditError) -> [(index: UInt64, event: KeyEvent)] {
        guard let root = root(for: pack.rootKeyID) else { return [] }
        var events: [(index: UInt64, event: KeyEvent)] = []
        for saved in savedEvents {
            let (index, event) = try saved.verified(by: root)
            // Another log's indexes mean nothing in this one.
            if event.origin.utf8.elementsEqual(pack.log.origin.utf8) { events.append((index, event)) }
        }
        return events
    }
}

extension VerificationReport {
    fileprivate init(recordID: RecordID?, findings: [CheckName: PackVerification.Finding]) {
        var checks: [Check] = []
        var status = Status.validUnwitnessed
        for name in CheckName.allCases {
            let finding = findings[name] ?? .notChecked("it was left out")
            checks.append(Check(name, finding))
            switch finding {
            case .fail: status = .invalid
            case .suspect where status != .invalid: status = .suspect
            // Nothing may hang on a check that could not be made.
            case .notChecked where !name.isOptional: status = .invalid
            default: break
            }
        }
        if status == .validUnwitnessed, findings[.witnessQuorum] == .pass { status = .valid }
        self.init(recordID: recordID, status: status, checks: checks)
    }

    /// A report on something of which only the format could be looked at.
    static func refused(_ reason: AuditError, recordID: RecordID?) -> VerificationReport {
        VerificationReport(recordID: recordID, findings: [.format: .fail(reason.message)])
    }
}

extension VerificationReport.CheckName {
    /// Whether a pack can be good without the check.
    fileprivate var isOptional: Bool { self == .consistencyWithPinned || self == .notErased }
}

extension VerificationReport.Check {
    fileprivate init(_ name: VerificationReport.CheckName, _ finding: PackVerification.Finding) {
        switch finding {
        case .pass: self.init(name: name, status: .pass, note: nil)
        case .fail(let note), .suspect(let note): self.init(name: name, status: .fail, note: note)
        case .notPresent: self.init(name: name, status: .notPresent, note: nil)
        case .notChecked(let note): self.init(name: name, status: .notChecked, note: note)
        }
    }
}
