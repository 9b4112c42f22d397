import Audit
import Sodium
import Testing

/// Every single change of a good pack is refused, and the report names what is wrong.
struct PackMutationTests {
    typealias CheckName = VerificationReport.CheckName

    private let log: TestLog
    /// Without a proof: that would fail with any change, and no other check may lean on it.
    private let pack: JSONObject
    private let packWithProof: JSONObject

    init() throws {
        var log = try TestLog()
        let record = try TestRecord.observed()
        _ = log.append(try TestRecord.asserted().statement)
        let entry = log.append(record.statement)
        for number: UInt8 in 20..<25 { _ = log.append(try TestRecord.observed(number: number).statement) }
        self.log = log
        pack = try log.pack(entry, openings: record.openings)
        packWithProof = DataIntegrityProof.adding(
            to: try log.pack(entry, openings: record.openings, withExportKey: true), by: log.export)
    }

    private func report(on json: JSONValue) throws -> VerificationReport {
        try VerificationReport(on: CanonicalJSON.encode(json), trusting: log.trust)
    }

    /// The check that has to name a changed value, by where it stands.
    private func culprits(_ path: [JSONStep]) -> Set<CheckName> {
        switch path.map(\.description).prefix(3).joined(separator: ".") {
        case "format", "verification_method", "signature_suite", "timestamps": [.format]
        case "public_key": [.signature, .format]
        case "log.index": [.inclusion]
        case "log.leaf_hash": [.leaf]
        case "log.tlog_proof": [.inclusion, .checkpointSignature]
        case let place where place.hasPrefix("dsse"): [.signature, .format]
        case let place where place.hasPrefix("keys"): [.keyTrusted, .format]
        case let place where place.hasPrefix("openings"): [.openings, .format]
        default: [.projection]
        }
    }

    private func expectRefused(
        _ json: JSONValue, _ culprits: Set<CheckName>, _ what: String, at path: [JSONStep]
    ) throws {
        let report = try report(on: json)
        let failed = Set(report.checks.filter { $0.status == .fail }.map(\.name))
        #expect(report.status == .invalid, "\(what) \(path)")
        #expect(!failed.isDisjoint(with: culprits), "\(what) \(path): \(failed)")
    }

    @Test func `the pack itself is valid, with a proof and after the proof is taken out`() throws {
        var withoutProof = packWithProof
        withoutProof["proof"] = nil
        for pack in [packWithProof, withoutProof] {
            #expect(try report(on: .object(pack)).status == .validUnwitnessed)
        }
        let report = try report(on: .object(pack))
        #expect(report.status == .validUnwitnessed, "\(report.checks)")
        #expect(report.recordID == RecordID(bytes: [UInt8](repeating: 7, count: 16)))
    }

    @Test func `a changed text is refused by the check that it concerns`() throws {
        let json = JSONValue.object(pack)
        for path in json.paths {
            guard case .string(let text) = json[path[...]] else { continue }
            for mutation in text.mutations(count: 6) {
                try expectRefused(
                    json.replacing(path[...], with: .string(mutation)), culprits(path), "changed", at: path)
            }
        }
    }

    @Test func `a changed proof is refused, and a proof of a changed pack`() throws {
        let json = JSONValue.object(packWithProof)
        for path in json.paths where path.first == .member("proof") && path.count == 2 {
            for mutation in (json[path[...]].string ?? "").mutations(count: 12) {
                try expectRefused(
                    json.replacing(path[...], with: .string(mutation)), [.signature, .keyTrusted], "changed", at: path)
            }
            try expectRefused(json.replacing(path[...], with: nil), [.format], "taken out", at: path)
            try expectRefused(json.replacing(path[...], with: 7), [.format], "another kind", at: path)
        }
        let opening: [JSONStep] = [.member("openings"), .element(0)]
        try expectRefused(json.replacing(opening[...], with: nil), [.signature], "taken out", at: opening)
        for signer in [log.observed, log.root, try Ed25519SigningKey()] {
            let report = try report(on: .object(DataIntegrityProof.adding(to: pack, by: signer)))
            #expect(report.checks.filter { $0.status == .fail }.map(\.name) == [.keyTrusted])
        }
    }

    @Test func `a changed number is refused`() throws {
        let json = JSONValue.object(pack)
        var count = 0
        for path in json.paths {
            guard case .integer(let value) = json[path[...]] else { continue }
            count += 1
            try expectRefused(json.replacing(path[...], with: .integer(value + 1)), [.openings], "changed", at: path)
        }
        #expect(count == 5)
    }

    @Test func `a value of another kind is refused as having the wrong shape`() throws {
        let json = JSONValue.object(pack)
        for path in json.paths {
            for other: JSONValue in [7, .bool(true), [:], [[]], .null] where other != json[path[...]] {
                // Free-form parts of the details have no shape, and a flat field may be null.
                let isFree = path.contains(.member("value"))
                let culprits: Set<CheckName> =
                    isFree
                    ? [.format, .openings]
                    : other.isNull && culprits(path) == [.projection]
                        ? [.format, .projection] : [.format]
                try expectRefused(json.replacing(path[...], with: other), culprits, "another kind", at: path)
            }
        }
    }

    @Test func `a value that is taken out is refused, but for whole openings`() throws {
        let json = JSONValue.object(pack)
        for path in json.paths {
            let mutant = json.replacing(path[...], with: nil)
            if path.count == 2, path[0] == .member("openings") {
                #expect(try report(on: mutant).isValid)
            } else {
                var culprits = culprits(path)
                if path != [.member("keys"), .member("events"), path.last ?? .element(0)] { culprits.insert(.format) }
                try expectRefused(mutant, culprits, "taken out", at: path)
            }
        }
    }

    @Test func `a member that stands twice is refused wherever it is`() throws {
        let json = JSONValue.object(pack)
        for path in json.paths {
            guard case .member(let name) = path.last else { continue }
            let marked = json.replacing(path.dropLast() + [.member("\u{1}")], with: json[path[...]])
            let text = String(decoding: CanonicalJSON.encode(marked), as: UTF8.self)
            let twice = text.split(separator: "\"\\u0001\"", maxSplits: 1).joined(separator: "\"\(name)\"")
            let report = try VerificationReport(on: Array(twice.utf8), trusting: log.trust)
            #expect(report[.format] == .fail, "\(path)")
            #expect(report.status == .invalid)
        }
    }

    @Test func `an element that stands twice is refused`() throws {
        let json = JSONValue.object(pack)
        for path in json.paths {
            guard case .element(let index) = path.last else { continue }
            let list = path.dropLast()
            var elements = json[list].array ?? []
            elements.insert(elements[index], at: index)
            try expectRefused(json.replacing(list, with: .array(elements)), culprits(path), "twice", at: path)
        }
    }

    @Test func `a stranger is refused in every object`() throws {
        let json = JSONValue.object(pack)
        for path in [[]] + json.paths {
            guard case .object(var object) = json[path[...]] else { continue }
            object["stranger"] = "x"
            let isFree = path.contains(.member("value"))
            try expectRefused(
                json.replacing(path[...], with: .object(object)), isFree ? [.format, .openings] : [.format],
                "a stranger", at: path)
        }
    }

    @Test func `every line of every log proof counts`() throws {
        let json = JSONValue.object(pack)
        for path in json.paths where path.last == .member("tlog_proof") {
            let lines = (json[path[...]].string ?? "").split(separator: "\n", omittingEmptySubsequences: false)
            for index in lines.indices.dropLast() {
                var without = lines
                without.remove(at: index)
                var twice = lines
                twice.insert(lines[index], at: index)
                var swapped = lines
                swapped.swapAt(index, index + 1)
                // The same signature twice under a note changes nothing; neither does an empty line that stays one.
                let isSignature = lines[index].hasPrefix("\u{2014}")
                for (mutant, what) in [(without, "without"), (twice, "twice"), (swapped, "swapped")]
                where mutant != lines && !(isSignature && what == "twice") {
                    let changed = json.replacing(path[...], with: .string(mutant.joined(separator: "\n")))
                    try expectRefused(changed, culprits(path), "\(what) line \(index)", at: path)
                }
            }
        }
    }

    @Test func `every byte of the signature counts`() throws {
        let json = JSONValue.object(pack)
        let path: [JSONStep] = [.member("dsse"), .member("signatures"), .element(0), .member("sig")]
        let characters = Array((json[path[...]].string ?? "").utf8)
        for index in 0..<85 {
            var changed = characters
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let text = String(decoding: changed, as: UTF8.self)
            try expectRefused(
                json.replacing(path[...], with: .string(text)), [.signature], "character \(index)", at: path)
        }
    }
}
