/// What is signed of one run: an in-toto statement, closed at every depth.
///
/// Everything in it is public. Whatever else is known of the run it commits to without showing it.
///
/// https://github.com/in-toto/attestation/blob/v1.0/spec/v1.0/statement.md
package struct RunStatement: Equatable, Sendable {
    /// What only a run through the gateway has.
    package struct Run: Equatable, Sendable {
        package var runID: String
        package var traceID: String
        package var spanID: String
        package var promptVersionID: String
        /// Nil if no route was chosen.
        package var routeID: String?
        /// Nil if no provider was chosen.
        package var provider: String?

        package init(
            runID: String, traceID: String, spanID: String, promptVersionID: String, routeID: String?,
            provider: String?
        ) {
            self.runID = runID
            self.traceID = traceID
            self.spanID = spanID
            self.promptVersionID = promptVersionID
            self.routeID = routeID
            self.provider = provider
        }
    }

    /// The origin of the log that the statement belongs to.
    package let origin: String
    package let recordID: RecordID
    /// Nil exactly if a user asserts the run.
    package let run: Run?
    package let environment: String
    package let modelID: String
    package let outcome: RunOutcome
    /// Cut to the minute.
    package let receivedAt: String
    package let completedAt: String
    package let commitments: [CommitmentField: SHA256Digest]
    package let energy: EnergyEstimate
    /// 32 hexadecimal digits that make the statement's hash unguessable.
    package let nonce: String

    package var observation: Observation { run == nil ? .userAsserted : .gatewayObserved }

    /// A statement of these values. Times are cut to the minute here.
    ///
    /// - Throws: `invalidShape` if a value is not what the format lays down.
    package init(
        origin: String, recordID: RecordID, run: Run?, environment: String, modelID: String, outcome: RunOutcome,
        receivedAt: AuditTime, completedAt: AuditTime, commitments: [CommitmentField: SHA256Digest],
        energy: EnergyEstimate, nonce: String
    ) throws(AuditError) {
        self.origin = origin
        self.recordID = recordID
        self.run = run
        self.environment = environment
        self.modelID = modelID
        self.outcome = outcome
        self.receivedAt = receivedAt.minute.text
        self.completedAt = completedAt.minute.text
        self.commitments = commitments
        self.energy = energy
        self.nonce = nonce
        try check()
    }

    /// The bytes to sign.
    package var payload: [UInt8] { CanonicalJSON.encode(json) }
}

// MARK: - Checking

extension RunStatement {
    /// Nothing is signed that a verifier would refuse: these are the rules by which statements are read.
    private func check() throws(AuditError) {
        try TextRule.nonEmpty.check(environment, "environment")
        try TextRule.nonEmpty.check(modelID, "model_id")
        try TextRule.minute.check(receivedAt, "received_at")
        try TextRule.minute.check(completedAt, "completed_at")
        try TextRule.nonce.check(nonce, "nonce")
        try energy.check()
        try run?.check()
        guard NoteKey.isValid(name: origin) else { throw AuditError(.invalidShape, "origin can't name a log") }
        guard run != nil || outcome == .ok else {
            throw AuditError(.invalidShape, "an assertion has no outcome but ok")
        }
        let fields = Set(commitments.keys)
        guard fields.isSuperset(of: observation.requiredCommitments),
            fields.isSubset(of: observation.requiredCommitments + observation.optionalCommitments)
        else { throw AuditError(.invalidShape, "commitments are not those of the statement's kind") }
    }
}

extension RunStatement.Run {
    /// - Throws: `invalidShape` if a value is not what the format lays down.
    func check() throws(AuditError) {
        try TextRule.runID.check(runID, "run_id")
        try TextRule.traceID.check(traceID, "trace_id")
        try TextRule.spanID.check(spanID, "span_id")
        try TextRule.nonEmpty.check(promptVersionID, "prompt_version_id")
        if let routeID { try TextRule.nonEmpty.check(routeID, "route_id") }
        if let provider { try TextRule.nonEmpty.check(provider, "provider") }
    }
}

// MARK: - Writing

extension RunStatement {
    static let type = "https://in-toto.io/Statement/v1"

    /// The members stand in their canonical order already, which saves sorting them.
    package var json: JSONValue {
        [
            "_type": .string(Self.type), "predicate": .object(predicate),
            "predicateType": .string(PredicateType.text(origin: origin, name: observation.predicateName)),
            "subject": Self.subject(name: run?.runID ?? recordID.recordText, commitments: commitments),
        ]
    }

    private var predicate: JSONObject {
        let members: [(name: String, value: JSONValue?)] = [
            ("audit_id", .string(recordID.auditText)), ("commitments", .object(commitmentMembers)),
            ("completed_at", .string(completedAt)), ("energy", energy.json), ("environment", .string(environment)),
            ("evidence_level", .string(observation.evidenceLevel)), ("model_id", .string(modelID)),
            ("nonce", .string(nonce)), ("observation", .string(observation.rawValue)),
            ("outcome", .string(outcome.rawValue)), ("prompt_version_id", run.map { .string($0.promptVersionID) }),
            ("provider", run?.provider.map(JSONValue.string)), ("received_at", .string(receivedAt)),
            ("record_id", .string(recordID.recordText)), ("route_id", run?.routeID.map(JSONValue.string)),
            ("run_id", run.map { .string($0.runID) }), ("span_id", run.map { .string($0.spanID) }),
            ("trace_id", run.map { .string($0.traceID) }),
        ]
        return JSONObject(
            members.compactMap { name, value in value.map { JSONObject.Member(name: name, value: $0) } })
    }

    private var commitmentMembers: JSONObject {
        let fields = CommitmentField.allCases.compactMap { field in
            commitments[field].map { JSONObject.Member(name: field.rawValue, value: .string($0.hexadecimal)) }
        }
        return JSONObject(
            fields + [JSONObject.Member(name: "scheme", value: .string(observation.commitmentScheme))])
    }

    private static func subject(name: String, commitments: [CommitmentField: SHA256Digest]) -> JSONValue {
        .array(
            [CommitmentField.input, .output].map { field in
                [
                    "digest": ["sha256": .string(commitments[field]?.hexadecimal ?? "")],
                    "name": .string("\(name)/\(field.rawValue)"),
                ]
            })
    }
}

// MARK: - Reading

extension RunStatement {
    /// Reads a statement that was parsed from signed bytes.
    ///
    /// - Throws: `invalidShape`.
    package init(_ json: JSONValue) throws(AuditError) {
        let statement = try ClosedObject(
            json, "the statement", required: ["_type", "subject", "predicateType", "predicate"])
        _ = try statement.string("_type", .exactly(Self.type))
        let predicateType = try statement.string("predicateType")
        let found = Observation.allCases.lazy.compactMap { observation in
            PredicateType.origin(in: predicateType, name: observation.predicateName).map { (observation, $0) }
        }.first
        guard let (observation, origin) = found else { throw statement.shapeError("predicateType", "one of a run") }
        let members = try Self.predicate(try statement.value("predicate"), observation)
        guard let recordID = RecordID(text: try members.string("record_id", .recordID)) else {
            throw members.shapeError("record_id", "a record id")
        }
        _ = try members.string("audit_id", .exactly(recordID.auditText))
        _ = try members.string("observation", .exactly(observation.rawValue))
        _ = try members.string("evidence_level", .exactly(observation.evidenceLevel))
        self.origin = origin
        self.recordID = recordID
        run = observation == .gatewayObserved ? try Run(members) : nil
        environment = try members.string("environment", .nonEmpty)
        modelID = try members.string("model_id", .nonEmpty)
        outcome = try members.choice("outcome")
        receivedAt = try members.string("received_at", .minute)
        completedAt = try members.string("completed_at", .minute)
        commitments = try Self.commitments(try members.value("commitments"), observation)
        energy = try EnergyEstimate(try members.value("energy"))
        nonce = try members.string("nonce", .nonce)
        guard observation == .gatewayObserved || outcome == .ok else {
            throw members.shapeError("outcome", "ok, as that of every assertion")
        }
        let name = run?.runID ?? recordID.recordText
        guard try statement.value("subject") == Self.subject(name: name, commitments: commitments) else {
            throw statement.shapeError("subject", "the run's input and output")
        }
    }

    private static func predicate(
        _ json: JSONValue, _ observation: Observation
    ) throws(AuditError) -> ClosedObject {
        let common = [
            "record_id", "audit_id", "environment", "model_id", "observation", "evidence_level", "outcome",
            "received_at", "completed_at", "commitments", "energy", "nonce",
        ]
        return switch observation {
        case .gatewayObserved:
            try ClosedObject(
                json, "the predicate", required: common + ["run_id", "trace_id", "span_id", "prompt_version_id"],
                optional: ["route_id", "provider"])
        case .userAsserted: try ClosedObject(json, "the predicate", required: common)
        }
    }

    private static func commitments(
        _ json: JSONValue, _ observation: Observation
    ) throws(AuditError) -> [CommitmentField: SHA256Digest] {
        let (required, optional) = (observation.requiredCommitments, observation.optionalCommitments)
        let members = try ClosedObject(
            json, "commitments", required: ["scheme"] + required.map(\.rawValue), optional: optional.map(\.rawValue))
        _ = try members.string("scheme", .exactly(observation.commitmentScheme))
        var commitments: [CommitmentField: SHA256Digest] = [:]
        for field in required + optional where members.object[field.rawValue] != nil {
            commitments[field] = SHA256Digest(hexadecimal: try members.string(field.rawValue, .digest))
        }
        return commitments
    }
}

extension RunStatement.Run {
    fileprivate init(_ members: ClosedObject) throws(AuditError) {
        self.init(
            runID: try members.string("run_id", .runID), traceID: try members.string("trace_id", .traceID),
            spanID: try members.string("span_id", .spanID),
            promptVersionID: try members.string("prompt_version_id", .nonEmpty),
            routeID: members.object["route_id"] == nil ? nil : try members.string("route_id", .nonEmpty),
            provider: members.object["provider"] == nil ? nil : try members.string("provider", .nonEmpty))
    }
}
