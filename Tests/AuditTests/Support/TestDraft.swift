import Audit
import Sodium

/// What a record is made of, written in either way: as a draft that is sealed, and as values that are encoded whole.
struct TestDraft {
    var facts: RecordFacts
    var digests: RecordDigests
    var details: RecordDetails

    static let randomBytes = [UInt8](1...64)
    static let previous = SHA256Digest(of: "the receipt before")

    static func observed() -> TestDraft {
        let run = RunStatement.Run(
            runID: "run_" + String(repeating: "0aZ9", count: 6), traceID: String(repeating: "0af7", count: 8),
            spanID: "00f067aa0ba902b7", promptVersionID: "support@v2", routeID: "default", provider: "openai")
        return TestDraft(
            facts: RecordFacts(
                run: run, environment: "production", modelID: "gpt-4.1", outcome: .ok, receivedAt: TestLog.time,
                completedAt: AuditTime(microsecondsSince1970: TestLog.time.microsecondsSince1970 + 90_000_007),
                energy: .stub),
            digests: RecordDigests(
                input: SHA256Digest(of: "input"), output: SHA256Digest(of: "output"),
                requestWire: SHA256Digest(of: "request"), responseWire: SHA256Digest(of: "response"),
                promptTemplate: SHA256Digest(of: "template")),
            details: RecordDetails(
                tenant: "user-1",
                usage: .init(inputTokens: 22, outputTokens: 90, cachedTokens: 3, reasoningTokens: 4),
                cost: .init(currency: "USD", nanos: 2_300_000), energyInputs: ["pue": "1.2", "batch": "64"],
                claims: ["gpu_id": ["value": "gpu-42", "basis": "caller"]], requestByteCount: 120,
                responseByteCount: 340, refused: .init(unauthorized: 1, rateLimited: 0)))
    }

    static func asserted() -> TestDraft {
        TestDraft(
            facts: RecordFacts(
                run: nil, environment: "production", modelID: "llama", outcome: .ok, receivedAt: TestLog.time,
                completedAt: TestLog.time, energy: .none(.noMethod)),
            digests: RecordDigests(input: SHA256Digest(of: "question"), output: SHA256Digest(of: "answer")),
            details: RecordDetails(tenant: "user-1"))
    }

    /// A changed copy.
    func with(_ change: (inout TestDraft) -> Void) -> TestDraft {
        var copy = self
        change(&copy)
        return copy
    }

    func draft(origin: String = TestLog.origin) throws -> RecordDraft {
        try RecordDraft(
            origin: try StatementOrigin(origin), randomness: try require(RecordRandomness(bytes: Self.randomBytes)),
            facts: facts, digests: digests, details: details)
    }

    /// The statement and the details as values.
    func values(sequence: Int64, previousReceipt: String) throws -> (statement: RunStatement, details: RunDetails) {
        let bytes = Self.randomBytes
        let key = try require(RecordKey(bytes: Array(bytes[..<32])))
        let details = try detailsValue(sequence: sequence, previousReceipt: previousReceipt)
        var commitments: [CommitmentField: SHA256Digest] = [:]
        for field in CommitmentField.allCases {
            guard let digest = digests[field] else { continue }
            commitments[field] =
                facts.run == nil ? digest : field.commitment(to: digest, salt: key.salt(for: field))
        }
        commitments[.details] = CommitmentField.details.commitment(
            to: SHA256Digest(of: details.value), salt: key.salt(for: .details))
        let statement = try RunStatement(
            origin: TestLog.origin, recordID: try require(RecordRandomness(bytes: bytes)).recordID, run: facts.run,
            environment: facts.environment, modelID: facts.modelID, outcome: facts.outcome,
            receivedAt: facts.receivedAt, completedAt: facts.completedAt, commitments: commitments,
            energy: facts.energy, nonce: "3132333435363738393a3b3c3d3e3f40")
        return (statement, details)
    }

    private func detailsValue(sequence: Int64, previousReceipt: String) throws -> RunDetails {
        func text(_ count: Int64) -> JSONValue { .string(String(count)) }
        var object: JSONObject = [
            "tenant": .string(details.tenant), "tenant_seq": text(sequence),
            "prev_receipt": .string(previousReceipt), "received_at": .string(facts.receivedAt.text),
            "completed_at": .string(facts.completedAt.text),
        ]
        if let usage = details.usage {
            var members: JSONObject = [
                "input_tokens": .integer(usage.inputTokens), "output_tokens": .integer(usage.outputTokens),
            ]
            if usage.cachedTokens > 0 { members["cached_tokens"] = .integer(usage.cachedTokens) }
            if usage.reasoningTokens > 0 { members["reasoning_tokens"] = .integer(usage.reasoningTokens) }
            object["usage"] = .object(members)
        }
        object["cost"] = details.cost.map { ["currency": .string($0.currency), "nanos": text($0.nanos)] }
        object["energy_inputs"] = details.energyInputs.map(JSONValue.object)
        object["claims"] = details.claims.map(JSONValue.object)
        object["request_bytes"] = details.requestByteCount.map(text)
        object["response_bytes"] = details.responseByteCount.map(text)
        object["refused"] = details.refused.map {
            ["401": .integer($0.unauthorized), "429": .integer($0.rateLimited)]
        }
        return try RunDetails(.object(object))
    }
}
