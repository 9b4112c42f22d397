import Audit
import Sodium

/// A record of a run with everything that opens it.
struct TestRecord {
    let statement: RunStatement
    let details: RunDetails
    let key: RecordKey
    let values: [CommitmentField: [UInt8]]

    /// Openings of every field that the statement commits to with a salt.
    var openings: [Opening] {
        let plain = values.keys.filter { $0 != .details }.sorted { $0.rawValue < $1.rawValue }
        let others =
            statement.observation == .gatewayObserved
            ? plain.map { field in
                Opening(field: field, salt: key.salt(for: field), valueDigest: SHA256Digest(of: values[field] ?? []))
            } : []
        return others + [Opening(details: details, salt: key.salt(for: .details))]
    }

    static func observed(
        origin: String = TestLog.origin, number: UInt8 = 7, routeID: String? = "default", provider: String? = "openai",
        modelID: String = "gpt-4.1", outcome: RunOutcome = .ok, energy: EnergyEstimate = .stub
    ) throws -> TestRecord {
        let values: [CommitmentField: [UInt8]] = [
            .requestWire: Array("{\"messages\":[]}".utf8), .responseWire: Array("{\"choices\":[]}".utf8),
            .input: Array("[]".utf8), .output: Array("Grüße".utf8), .promptTemplate: Array("Hello {{name}}".utf8),
        ]
        let run = RunStatement.Run(
            runID: "run_" + String(repeating: "0aZ9", count: 6), traceID: String(repeating: "0af7", count: 8),
            spanID: "00f067aa0ba902b7", promptVersionID: "support@v2", routeID: routeID, provider: provider)
        return try record(
            origin: origin, number: number, run: run, modelID: modelID, outcome: outcome, energy: energy,
            values: values)
    }

    static func asserted(origin: String = TestLog.origin, number: UInt8 = 9) throws -> TestRecord {
        try record(
            origin: origin, number: number, run: nil, modelID: "llama", outcome: .ok, energy: .none(.noMethod),
            values: [.input: Array("question".utf8), .output: Array("answer".utf8)])
    }

    private static func record(
        origin: String, number: UInt8, run: RunStatement.Run?, modelID: String, outcome: RunOutcome,
        energy: EnergyEstimate, values: [CommitmentField: [UInt8]]
    ) throws -> TestRecord {
        let key = try require(RecordKey(bytes: [UInt8](repeating: number, count: 32)))
        let details = try RunDetails(.stub)
        var commitments: [CommitmentField: SHA256Digest] = [:]
        for (field, value) in values {
            let digest = SHA256Digest(of: value)
            commitments[field] = run == nil ? digest : field.commitment(to: digest, salt: key.salt(for: field))
        }
        commitments[.details] = CommitmentField.details.commitment(
            to: SHA256Digest(of: details.value), salt: key.salt(for: .details))
        let statement = try RunStatement(
            origin: origin, recordID: try require(RecordID(bytes: [UInt8](repeating: number, count: 16))), run: run,
            environment: "production", modelID: modelID, outcome: outcome, receivedAt: TestLog.time,
            completedAt: AuditTime(microsecondsSince1970: TestLog.time.microsecondsSince1970 + 90_000_000),
            commitments: commitments, energy: energy, nonce: String(repeating: "5f", count: 16))
        return TestRecord(statement: statement, details: details, key: key, values: values)
    }
}

extension EnergyEstimate {
    static let stub = EnergyEstimate.figures(
        Figures(
            basis: .estimate, method: "ecologits-llm@0.11.3", wattHours: "0.010730", wattHoursLow: "0.0098",
            wattHoursHigh: "0.012", carbonGrams: "0.000378",
            grid: Grid(zone: "SWE", gramsPerKilowattHour: "35.26", source: "ecologits@0.11.3", accounting: "location"),
            baseline: Baseline(zone: "USA", gramsPerKilowattHour: "384.40", differenceGrams: "-0.003746")))
}

extension JSONValue {
    /// Details with every member that they can have.
    static let stub: JSONValue = [
        "tenant": "user-1", "tenant_seq": "42", "prev_receipt": .string(ReceiptChain.start),
        "received_at": .string(TestLog.time.text), "completed_at": "2026-11-23T06:16:39.123456Z",
        "usage": ["input_tokens": 22, "output_tokens": 90, "cached_tokens": 3],
        "cost": ["currency": "USD", "nanos": "2300000"], "claims": ["gpu_id": ["value": "gpu-42", "basis": "caller"]],
        "policy": ["retention": "P6M"], "request_bytes": "120", "response_bytes": "340",
        "refused": ["401": 1, "429": 0],
    ]
}
