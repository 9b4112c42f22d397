import Audit
import Sodium
import Testing

struct EvidencePackTests {
    private func report(_ pack: JSONObject, _ trust: TrustPolicy) throws -> VerificationReport {
        try VerificationReport(on: CanonicalJSON.encode(pack), trusting: trust)
    }

    @Test func `packs of every kind of record are valid`() throws {
        var log = try TestLog()
        let records = [
            try TestRecord.observed(), try .observed(number: 8, routeID: nil, provider: nil, outcome: .rejected),
            try .observed(number: 9, modelID: "模型/é", energy: .none(.withheld)), try .asserted(number: 10),
        ]
        let entries = records.map { log.append($0.statement) }
        for (record, entry) in zip(records, entries) {
            for openings in [[], record.openings, [record.openings[0]]] {
                let pack = try log.pack(entry, openings: openings)
                let report = try report(pack, log.trust)
                #expect(report.status == .validUnwitnessed, "\(report.checks)")
                #expect(report[.openings] == (openings.isEmpty ? .notPresent : .pass))
                let verified = try UnverifiedEvidencePack(.object(pack)).verified(trusting: log.trust)
                #expect(verified?.statement == record.statement)
                #expect(verified?.details == openings.last?.details)
            }
        }
    }

    @Test func `an asserted record's pack shows what it can't know as null`() throws {
        var log = try TestLog()
        let pack = try log.pack(appending: try TestRecord.asserted().statement)
        for member in ["run_id", "trace_id", "route_id", "provider", "prompt_version_id"] {
            #expect(pack[member] == .null)
        }
        #expect(pack["payload"]?.object?["hash_mode"] == "plain-v1")
        #expect(
            pack["payload"]?.object?["input_hash"] == .string("sha256:" + SHA256Digest(of: "question").hexadecimal))
    }

    @Test func `the layout and the order of a pack's members are free`() throws {
        var log = try TestLog()
        let pack = try log.pack(appending: try TestRecord.observed().statement)
        let turned = JSONObject(pack.members.reversed())
        let lines = turned.members.map { member in
            "\(String(decoding: CanonicalJSON.encode(.string(member.name)), as: UTF8.self)) :\r\n\t "
                + String(decoding: CanonicalJSON.encode(member.value), as: UTF8.self)
        }
        let text = " {\n" + lines.joined(separator: " ,\n ") + "\n} \n"
        #expect(try VerificationReport(on: Array(text.utf8), trusting: log.trust).isValid)
    }

    @Test func `a pack by somebody else's root is refused for its keys alone`() throws {
        let log = try TestLog()
        var other = try TestLog(seed: 2)
        let pack = try other.pack(appending: try TestRecord.observed().statement)
        for trust in [log.trust, TrustPolicy(roots: [])] {
            let report = try report(pack, trust)
            #expect(report.status == .invalid)
            #expect(report.checks.filter { $0.status == .fail }.map(\.name) == [.keyTrusted])
        }
    }

    @Test func `a new key in a genuine pack is refused`() throws {
        var log = try TestLog()
        let statement = try TestRecord.observed().statement
        let thief = try Ed25519SigningKey()
        try log.append(
            .adding(thief.publicKey, as: .statementObserved, origin: log.origin, at: TestLog.time), signedBy: thief)
        let pack = try log.pack(appending: statement, signedBy: thief)
        let report = try report(pack, log.trust)
        #expect(report[.signature] == .pass)
        #expect(report[.keyTrusted] == .fail)
        #expect(report.status == .invalid)
    }

    @Test func `key events that the pack has no use for are refused`() throws {
        var log = try TestLog()
        let entry = log.append(try TestRecord.observed().statement)
        var pack = try log.pack(entry)
        for (role, isRefused) in [(log.asserted, true), (log.export, false)] {
            let keys = [log.observed, role, log.log].map { KeyID(of: $0.publicKey) }
            let events = log.loggedEvents(note: try log.note(), keys: keys)
            #expect(events.count == 3)
            pack["keys"] = [
                "root_keyid": .string(KeyID(of: log.root.publicKey).text), "events": .array(events.map(\.json)),
            ]
            #expect(try report(pack, log.trust)[.keyTrusted] == (isRefused ? .fail : .pass))
        }
    }

    @Test func `a key of another role is refused`() throws {
        var log = try TestLog()
        let statement = try TestRecord.observed().statement
        let pack = try log.pack(appending: statement, signedBy: log.asserted)
        #expect(try report(pack, log.trust)[.keyTrusted] == .fail)
    }

    @Test func `a statement of another log is refused`() throws {
        var log = try TestLog()
        let pack = try log.pack(appending: try TestRecord.observed(origin: "other.test/vaas/log").statement)
        let report = try report(pack, log.trust)
        #expect(report[.checkpointSignature] == .fail)
        #expect(report.status == .invalid)
    }

    @Test func `a pack that names another log than its checkpoint is refused for both`() throws {
        var log = try TestLog()
        let pack = JSONValue.object(try log.pack(appending: TestRecord.observed().statement))
        let mutant = pack.replacing([.member("log"), .member("origin")], with: "other.test/vaas/log")
        let report = try VerificationReport(on: CanonicalJSON.encode(mutant), trusting: log.trust)
        #expect(report[.projection] == .fail)
        #expect(report[.checkpointSignature] == .fail)
    }

    @Test func `signed bytes that are not canonical are refused`() throws {
        var log = try TestLog()
        let payload = try TestRecord.observed().statement.payload
        let entry = log.append([UInt8(ascii: " ")] + payload, as: .run, signedBy: log.observed)
        let report = try report(try log.pack(entry), log.trust)
        #expect(report.checks.filter { $0.status == .fail }.map(\.name) == [.canonical])
    }

    @Test func `an unknown member of a signed statement is refused as a stranger`() throws {
        var log = try TestLog()
        let good = try TestRecord.observed().statement
        let pack = try log.pack(appending: good)
        let strange = good.json.replacing([.member("predicate"), .member("stranger")], with: "x")
        let entry = log.append(CanonicalJSON.encode(strange), as: .run, signedBy: log.observed)
        var changed = pack
        changed["dsse"] = entry.envelope.json
        let report = try report(changed, log.trust)
        #expect(report[.format] == .fail)
        #expect(report[.canonical] == .pass)
        #expect(report.status == .invalid)
    }

    @Test func `lines by unknown keys and repeated signatures under the checkpoint change nothing`() throws {
        var log = try TestLog()
        let pack = try log.pack(appending: try TestRecord.observed().statement)
        let note = try log.note()
        let line = try #require(note.split(separator: "\n").last)
        let stranger = try Ed25519SigningKey()
        let witness = try #require(NoteKey(name: "witness.test", publicKey: stranger.publicKey))
        let foreign = SignedNote(signing: log.checkpoint.text, by: stranger, as: witness).description
        let foreignLine = try #require(foreign.split(separator: "\n").last)
        for extra in [line, foreignLine] {
            let text = String(decoding: CanonicalJSON.encode(pack), as: UTF8.self)
            let changed = text.split(separator: line).joined(separator: "\(line)\\n\(extra)")
            #expect(changed != text)
            #expect(try VerificationReport(on: Array(changed.utf8), trusting: log.trust).isValid)
        }
    }

    @Test func `an assertion opens nothing but its details, even if its input is a salted commitment`() throws {
        var log = try TestLog()
        let record = try TestRecord.asserted()
        let (salt, digest) = (record.key.salt(for: .input), SHA256Digest(of: "question"))
        let opening = Opening(field: .input, salt: salt, valueDigest: digest)
        let commitment = JSONValue.string(CommitmentField.input.commitment(to: digest, salt: salt).hexadecimal)
        let json = record.statement.json
            .replacing([.member("predicate"), .member("commitments"), .member("input")], with: commitment)
            .replacing([.member("subject"), .element(0), .member("digest"), .member("sha256")], with: commitment)
        let pack = try log.pack(appending: try RunStatement(json), openings: [opening])
        #expect(try report(pack, log.trust)[.openings] == .fail)
    }

    @Test func `a kept checkpoint is compared`() throws {
        var log = try TestLog()
        let entry = log.append(try TestRecord.observed().statement)
        let old = log.checkpoint
        let oldSize = log.size
        for number: UInt8 in 30..<34 { _ = log.append(try TestRecord.observed(number: number).statement) }
        let pack = try log.pack(entry)
        var trust = log.trust
        trust.pinned = log.checkpoint
        #expect(try report(pack, trust)[.consistencyWithPinned] == .pass)
        trust.pinned = old
        #expect(try report(pack, trust)[.consistencyWithPinned] == .notChecked)
        trust.consistency = ConsistencyProof(from: oldSize, to: log.size, nodes: log.nodes)
        #expect(try report(pack, trust)[.consistencyWithPinned] == .pass)
        trust.pinned = Checkpoint(origin: "other.test", size: old.size, root: old.root)
        #expect(try report(pack, trust)[.consistencyWithPinned] == .fail)
        trust.pinned = Checkpoint(origin: log.origin, size: old.size, root: SHA256Digest(of: "fork"))
        #expect(try report(pack, trust)[.consistencyWithPinned] == .fail)
        #expect(try !report(pack, trust).isValid)
    }

    @Test func `JSON of any other kind gets a report, and only what is no JSON an error`() throws {
        let trust = try TestLog().trust
        for text in ["{}", "[]", "7", "\"x\"", "null", "1.5", "{\"a\":1,\"a\":2}", "\u{FEFF}{}"] {
            let report = try VerificationReport(on: Array(text.utf8), trusting: trust)
            #expect(report.status == .invalid)
            #expect(report.checks.map(\.name) == VerificationReport.CheckName.allCases)
            #expect(report[.format] == .fail)
            #expect(report.recordID == nil)
        }
        for text in ["", "{", "hello", "{}x"] {
            #expect(throws: AuditError.self) { try VerificationReport(on: Array(text.utf8), trusting: trust) }
        }
    }
}
