import Audit
import Sodium
import Testing

struct RecordDraftTests {
    /// Records with every member that can be left out left out once, and with every text that needs an escape.
    private static var drafts: [TestDraft] {
        let (observed, asserted) = (TestDraft.observed(), TestDraft.asserted())
        let odd = "\"\\\u{8}\t\n\u{C}\r\u{1}\u{7F}/é模型\u{1F600}"
        return [
            observed, asserted,
            observed.with { $0.facts.run?.routeID = nil }, observed.with { $0.facts.run?.provider = nil },
            observed.with { $0.digests.promptTemplate = nil }, observed.with { $0.facts.energy = .none(.withheld) },
            observed.with { $0.details.usage = nil }, observed.with { $0.details.cost = nil },
            observed.with { $0.details.usage = .init(inputTokens: 0, outputTokens: 9_007_199_254_740_991) },
            observed.with { $0.details.energyInputs = nil }, observed.with { $0.details.claims = nil },
            observed.with { $0.details.claims = ["z": [1, "\u{2028}"], "a": [:]] },
            observed.with { $0.details.requestByteCount = nil }, observed.with { $0.details.responseByteCount = nil },
            observed.with { $0.details.refused = nil }, observed.with { $0.details = .init(tenant: odd) },
            observed.with { $0.details.cost = .init(currency: odd, nanos: 999_999_999_999_999_999) },
            observed.with { $0.facts.environment = odd }, observed.with { $0.facts.modelID = odd },
            observed.with { $0.facts.run?.promptVersionID = odd }, observed.with { $0.facts.run?.provider = odd },
            observed.with { $0.facts.run?.routeID = odd },
            observed.with { draft in
                draft.facts.receivedAt = AuditTime(microsecondsSince1970: -62_167_219_200_000_000)
                draft.facts.completedAt = AuditTime(microsecondsSince1970: 253_402_300_799_999_999)
            },
            asserted.with { $0.details.claims = ["gpu_id": ["value": "x", "basis": "caller"]] },
        ] + RunOutcome.allCases.map { outcome in observed.with { $0.facts.outcome = outcome } }
    }

    private func signer(_ observation: Observation) throws -> StatementSigner {
        StatementSigner(
            key: try Ed25519SigningKey(seed: [UInt8](repeating: 3, count: 32)), observation: observation)
    }

    @Test(arguments: [Int64(1), 42, 999_999_999_999_999_999])
    func `a sealed record is what its values encode to`(sequence: Int64) throws {
        for draft in Self.drafts {
            let signer = try signer(draft.facts.observation)
            let record = try draft.draft().sealed(
                sequence: sequence, previousReceipt: TestDraft.previous, by: signer)
            let (statement, details) = try draft.values(
                sequence: sequence, previousReceipt: TestDraft.previous.hexadecimal)
            #expect(
                String(decoding: record.payload, as: UTF8.self) == String(decoding: statement.payload, as: UTF8.self))
            #expect(record.payload == statement.payload)
            #expect(record.details == details.value)
            let envelope = DSSEEnvelope(signing: statement.payload, by: signer.key)
            let leaf = LogLeaf(of: envelope, type: draft.facts.observation.leafType)
            #expect(record.signature == envelope.signature)
            #expect(record.entry == leaf.bytes)
            #expect(record.leafHash == leaf.hash)
            #expect(
                DSSEEnvelope(payload: record.payload, keyID: signer.keyID, signature: record.signature) == envelope)
        }
    }

    @Test func `what is written reads back by the strict readers`() throws {
        for draft in Self.drafts {
            let record = try draft.draft().sealed(
                sequence: 1, previousReceipt: ReceiptChain.startDigest, by: try signer(draft.facts.observation))
            let statement = try RunStatement(try JSONParser.parse(record.payload))
            #expect(statement.payload == record.payload)
            let details = try RunDetails(try JSONParser.parse(record.details))
            #expect(details.value == record.details)
            #expect(details.json["prev_receipt"] == .string(ReceiptChain.start))
        }
    }

    @Test func `a draft can be sealed again at another place`() throws {
        let draft = try TestDraft.observed().draft()
        let signer = try signer(.gatewayObserved)
        let first = draft.sealed(sequence: 9, previousReceipt: TestDraft.previous, by: signer)
        let second = draft.sealed(
            sequence: 10, previousReceipt: ReceiptChain.digest(after: first.signature), by: signer)
        #expect(first.payload != second.payload)
        #expect(draft.sealed(sequence: 9, previousReceipt: TestDraft.previous, by: signer) == first)
        #expect(try RunStatement(try JSONParser.parse(second.payload)).recordID == draft.recordID)
    }

    @Test func `packs of sealed records are valid`() throws {
        var log = try TestLog()
        for draft in Self.drafts where draft.facts.run != nil || draft.details.claims != nil {
            let observation = draft.facts.observation
            let key = observation == .gatewayObserved ? log.observed : log.asserted
            let record = try draft.draft().sealed(
                sequence: 1, previousReceipt: ReceiptChain.startDigest,
                by: StatementSigner(key: key, observation: observation))
            let entry = log.append(record.payload, as: observation.leafType, signedBy: key)
            #expect(entry.envelope.signature == record.signature)
            let secret = try #require(RecordKey(bytes: Array(TestDraft.randomBytes[..<32])))
            let details = Opening(
                details: try RunDetails(try JSONParser.parse(record.details)), salt: secret.salt(for: .details))
            let others = CommitmentField.allCases.compactMap { field in
                draft.digests[field].map { Opening(field: field, salt: secret.salt(for: field), valueDigest: $0) }
            }
            let pack = try log.pack(entry, openings: (observation == .gatewayObserved ? others : []) + [details])
            let report = try VerificationReport(on: CanonicalJSON.encode(pack), trusting: log.trust)
            #expect(report.status == .validUnwitnessed, "\(report.checks)")
            #expect(report[.openings] == .pass)
            let verified = try UnverifiedEvidencePack(.object(pack)).verified(trusting: log.trust)
            #expect(verified?.statement.payload == record.payload)
        }
    }

    @Test func `nothing is drafted that would be refused when read`() throws {
        let (observed, asserted) = (TestDraft.observed(), TestDraft.asserted())
        let deep = (0..<40).reduce(JSONValue.bool(true)) { value, _ in [value] }
        let bad: [TestDraft] = [
            observed.with { $0.facts.environment = "" },
            observed.with { $0.facts.modelID = String(repeating: "m", count: 1025) },
            observed.with { $0.facts.run?.runID = "run_short" }, observed.with { $0.facts.run?.traceID = "0AF7" },
            observed.with { $0.facts.run?.spanID = "" }, observed.with { $0.facts.run?.promptVersionID = "" },
            observed.with { $0.facts.run?.routeID = "" }, observed.with { $0.facts.run?.provider = "" },
            observed.with { $0.facts.run = nil }, asserted.with { $0.facts.run = observed.facts.run },
            asserted.with { $0.facts.outcome = .timeout },
            asserted.with { $0.digests.promptTemplate = $0.digests.input },
            observed.with { $0.digests.requestWire = nil }, observed.with { $0.digests.responseWire = nil },
            observed.with { $0.facts.receivedAt = AuditTime(microsecondsSince1970: -62_167_219_200_000_001) },
            observed.with { $0.facts.completedAt = AuditTime(microsecondsSince1970: 253_402_300_800_000_000) },
            observed.with { $0.facts.energy = .stub(wattHours: "1e3") },
            observed.with { $0.facts.energy = .stub(wattHours: "0.0120001") },
            observed.with { $0.details.tenant = "" }, observed.with { $0.details.usage?.inputTokens = -1 },
            observed.with { $0.details.usage?.outputTokens = 1 << 53 },
            observed.with { $0.details.usage?.cachedTokens = -1 },
            observed.with { $0.details.usage?.reasoningTokens = -1 },
            observed.with { $0.details.cost?.currency = "" }, observed.with { $0.details.cost?.nanos = -1 },
            observed.with { $0.details.cost?.nanos = 1_000_000_000_000_000_000 },
            observed.with { $0.details.claims = ["gpu_id": .null] },
            observed.with { $0.details.claims = ["list": [["x": .null]]] },
            observed.with { $0.details.claims = ["number": .integer(1 << 53)] },
            observed.with { $0.details.energyInputs = ["deep": deep] },
            observed.with { $0.details.requestByteCount = -1 }, observed.with { $0.details.responseByteCount = -1 },
            observed.with { $0.details.refused?.unauthorized = -1 },
            observed.with { $0.details.refused?.rateLimited = 1 << 53 },
        ]
        for (index, draft) in bad.enumerated() {
            #expect(throws: AuditError.self, "case \(index)") { try draft.draft() }
        }
        #expect(throws: AuditError.self) { try observed.draft(origin: "two words") }
    }
}

extension EnergyEstimate {
    fileprivate static func stub(wattHours: String) -> EnergyEstimate {
        guard case .figures(var figures) = stub else { return stub }
        figures.wattHours = wattHours
        return .figures(figures)
    }
}
