import Audit
import Sodium
import Testing

/// What a key's retirement and revocation do to packs that it signed before and after.
struct KeyHistoryTests {
    private func event(
        _ log: TestLog, _ key: Ed25519SigningKey, _ role: KeyRole, _ action: KeyEvent.Action
    ) throws -> KeyEvent {
        try KeyEvent(
            origin: log.origin, role: role, keyID: KeyID(of: key.publicKey), action: action, time: TestLog.time)
    }

    private func status(
        _ log: TestLog, _ entry: (envelope: DSSEEnvelope, index: UInt64), logKey: Ed25519SigningKey? = nil
    ) throws -> VerificationReport.Status {
        try UnverifiedEvidencePack(.object(try log.pack(entry, logKey: logKey))).report(trusting: log.trust).status
    }

    @Test func `a retired key's earlier records stay valid, later ones are invalid`() throws {
        var log = try TestLog()
        let before = log.append(try TestRecord.observed().statement)
        try log.append(try event(log, log.observed, .statementObserved, .retire(reason: "rotation")))
        let after = log.append(try TestRecord.observed(number: 8).statement)
        #expect(try status(log, before) == .validUnwitnessed)
        #expect(try status(log, after) == .invalid)
    }

    @Test func `between the compromise and its revocation records are suspect`() throws {
        var log = try TestLog()
        let early = log.append(try TestRecord.observed().statement)
        let late = log.append(try TestRecord.observed(number: 8).statement)
        try log.append(
            try event(
                log, log.observed, .statementObserved, .revoke(reason: "stolen", compromisedSince: late.index)))
        let after = log.append(try TestRecord.observed(number: 9).statement)
        #expect(try status(log, early) == .validUnwitnessed)
        #expect(try status(log, late) == .suspect)
        #expect(try status(log, after) == .invalid)
    }

    @Test func `a revocation that names no index works from its own`() throws {
        var log = try TestLog()
        let before = log.append(try TestRecord.observed().statement)
        try log.append(
            try event(log, log.observed, .statementObserved, .revoke(reason: "lost", compromisedSince: nil)))
        #expect(try status(log, before) == .validUnwitnessed)
    }

    @Test func `a record before its key was added is invalid`() throws {
        var log = try TestLog()
        let key = try Ed25519SigningKey()
        let early = log.append(try TestRecord.observed().statement, signedBy: key)
        try log.append(.adding(key.publicKey, as: .statementObserved, origin: log.origin, at: TestLog.time))
        let late = log.append(try TestRecord.observed(number: 8).statement, signedBy: key)
        let trust = log.trust
        let statuses = try [early, late].map {
            try UnverifiedEvidencePack(.object(try log.pack($0, signedBy: key))).report(trusting: trust).status
        }
        #expect(statuses == [.invalid, .validUnwitnessed])
    }

    @Test func `a log key may sign checkpoints up to its own end`() throws {
        var log = try TestLog()
        let newKey = try Ed25519SigningKey()
        let entry = log.append(try TestRecord.observed().statement)
        try log.append(.adding(newKey.publicKey, as: .log, origin: log.origin, at: TestLog.time))
        #expect(try status(log, entry) == .validUnwitnessed)
        #expect(try status(log, entry, logKey: newKey) == .validUnwitnessed)
        try log.append(try event(log, log.log, .log, .retire(reason: "rotation")))
        #expect(try status(log, entry) == .invalid)
        #expect(try status(log, entry, logKey: newKey) == .validUnwitnessed)
    }

    @Test func `the boundaries of a log key's time are those of the rule`() throws {
        let log = try TestLog()
        let add = try KeyEvent.adding(log.log.publicKey, as: .log, origin: log.origin, at: TestLog.time)
        let revoke = try event(log, log.log, .log, .revoke(reason: "stolen", compromisedSince: 6))
        let history = try KeyHistory(events: [(2, add), (9, revoke)])
        let entry = try #require(history.entries.first)
        #expect(
            (2...10).map { entry.standing(atSize: $0) } == [
                .inactive, .active, .active, .active, .active, .suspect, .suspect, .suspect, .inactive,
            ])
        #expect(
            (2...10).map { entry.standing(atRecord: $0) } == [
                .inactive, .active, .active, .active, .suspect, .suspect, .suspect, .inactive, .inactive,
            ])
    }

    @Test func `a revocation that was left out of a pack is found in saved keys`() throws {
        var log = try TestLog()
        let entry = log.append(try TestRecord.observed().statement)
        let pack = try log.pack(entry)
        try log.append(
            try event(
                log, log.observed, .statementObserved, .revoke(reason: "stolen", compromisedSince: entry.index)))
        var trust = log.trust
        #expect(try UnverifiedEvidencePack(.object(pack)).report(trusting: trust).isValid)
        let saved: JSONObject = [
            "origin": .string(log.origin), "events": .array(log.loggedEvents(note: try log.note()).map(\.json)),
        ]
        trust.savedEvents = try TrustPolicy.savedEvents(in: CanonicalJSON.encode(saved))
        #expect(try UnverifiedEvidencePack(.object(pack)).report(trusting: trust).status == .suspect)
    }

    @Test func `saved keys that contradict the pack, or that the root has not signed, spoil it`() throws {
        var log = try TestLog()
        var fork = log
        let (key, other) = (try Ed25519SigningKey(), try Ed25519SigningKey())
        try log.append(.adding(key.publicKey, as: .statementObserved, origin: log.origin, at: TestLog.time))
        try fork.append(.adding(other.publicKey, as: .statementObserved, origin: log.origin, at: TestLog.time))
        let pack = try log.pack(appending: TestRecord.observed().statement, signedBy: key)
        func status(savedFrom log: TestLog, _ trust: TrustPolicy) throws -> VerificationReport.CheckStatus {
            var trust = trust
            trust.savedEvents = log.loggedEvents(note: try log.note())
            return try UnverifiedEvidencePack(.object(pack)).report(trusting: trust)[.keyTrusted]
        }
        #expect(try status(savedFrom: log, log.trust) == .pass)
        #expect(try status(savedFrom: fork, log.trust) == .fail)
        #expect(try status(savedFrom: TestLog(seed: 2), log.trust) == .fail)
        #expect(try status(savedFrom: TestLog(origin: "other.test/vaas/log"), log.trust) == .pass)
    }

    @Test func `events of another log, or not in their canonical form, are refused though the root signed them`() throws
    {
        for (origin, prefix) in [(TestLog.origin, ""), ("other.test/vaas/log", ""), (TestLog.origin, " ")] {
            var log = try TestLog()
            let key = try Ed25519SigningKey()
            let event = try KeyEvent.adding(key.publicKey, as: .statementObserved, origin: origin, at: TestLog.time)
            try log.append(event, spelled: Array(prefix.utf8) + event.payload)
            let pack = try log.pack(appending: TestRecord.observed().statement, signedBy: key)
            let check = try UnverifiedEvidencePack(.object(pack)).report(trusting: log.trust)[.keyTrusted]
            #expect(check == (origin == TestLog.origin && prefix.isEmpty ? .pass : .fail))
        }
    }

    @Test func `a key of small order can't be added`() throws {
        let weak = try #require(Ed25519PublicKey(bytes: [1] + [UInt8](repeating: 0, count: 31)))
        #expect(throws: AuditError.self) {
            try KeyEvent.adding(weak, as: .export, origin: "log.test", at: TestLog.time)
        }
    }

    @Test func `histories that contradict themselves are refused`() throws {
        let log = try TestLog()
        let add = try KeyEvent.adding(log.log.publicKey, as: .log, origin: log.origin, at: TestLog.time)
        let retire = try event(log, log.log, .log, .retire(reason: "rotation"))
        let wrongRole = try event(log, log.log, .export, .retire(reason: "rotation"))
        let early = try event(log, log.log, .log, .revoke(reason: "stolen", compromisedSince: 9))
        let histories: [[(index: UInt64, event: KeyEvent)]] = [
            [(1, add), (2, add)], [(1, add), (1, retire)], [(2, add), (1, retire)], [(1, retire)],
            [(1, add), (2, wrongRole)], [(1, add), (2, early)],
        ]
        for events in histories {
            #expect(throws: AuditError.self) { try KeyHistory(events: events) }
        }
    }

    @Test func `an event that contradicts itself is no event`() throws {
        let log = try TestLog()
        let add = try KeyEvent.adding(log.log.publicKey, as: .log, origin: log.origin, at: TestLog.time)
        #expect(try KeyEvent(add.json) == add)
        let other = try KeyEvent.adding(log.export.publicKey, as: .log, origin: log.origin, at: TestLog.time)
        let weak: JSONValue = .string(String(repeating: "0", count: 64))
        for member in ["keyid", "verify_key_hex", "did", "vkey", "role"] {
            let path: [JSONStep] = [.member("predicate"), .member(member)]
            let value = member == "role" ? "export" : other.json[path[...]]
            #expect(throws: AuditError.self) { try KeyEvent(add.json.replacing(path[...], with: value)) }
            #expect(throws: AuditError.self) { try KeyEvent(add.json.replacing(path[...], with: weak)) }
        }
        #expect(throws: AuditError.self) {
            try KeyEvent(add.json.replacing([.member("subject")], with: other.json[[.member("subject")]]))
        }
    }
}
