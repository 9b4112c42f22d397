/// A pack that has the right shape, of which nothing else is known yet.
package struct UnverifiedEvidencePack: Sendable {
    /// Where the pack says that its record stands in the log. All of it is text until it is verified.
    struct LogPosition: Sendable {
        let origin: String
        let index: String
        let leafHash: String
        let proof: String
    }

    let object: JSONObject
    let payload: JSONObject
    let envelope: DSSEEnvelope
    let log: LogPosition
    let rootKeyID: String
    let keyEvents: [LoggedKeyEvent]
    let openings: [Opening]
    let proof: DataIntegrityProof?
    /// What is wrong with fixed texts; everything else can still be looked at.
    let problems: [String]

    private static let flatMembers = [
        "record_id", "audit_id", "run_id", "trace_id", "route_id", "provider", "environment", "prompt_version_id",
    ]
    private static let payloadMembers =
        flatMembers + [
            "model_id", "observation", "evidence_level", "outcome", "received_at", "completed_at", "hash_mode",
            "input_hash", "output_hash",
        ]
    private static let textMembers = ["format", "verification_method", "signature_suite", "public_key", "signature"]

    /// Reads a pack.
    ///
    /// - Throws: `malformedJSON` if it is no JSON; `refusedJSON`, `invalidShape`.
    package init(parsing bytes: [UInt8]) throws(AuditError) {
        try self.init(JSONParser.parse(bytes))
    }

    /// - Throws: `invalidShape`.
    package init(_ json: JSONValue) throws(AuditError) {
        let pack = try ClosedObject(
            json, "the pack",
            required: Self.textMembers + Self.flatMembers
                + ["payload", "dsse", "log", "keys", "timestamps", "openings"],
            optional: ["proof"])
        object = pack.object
        let payload = try ClosedObject(try pack.value("payload"), "payload", required: Self.payloadMembers)
        self.payload = payload.object
        try Self.checkTexts(pack, Self.flatMembers)
        try Self.checkTexts(payload, Self.payloadMembers)
        envelope = try DSSEEnvelope(try pack.value("dsse"))
        log = try LogPosition(try pack.value("log"))
        let keys = try ClosedObject(try pack.value("keys"), "keys", required: ["root_keyid", "events"])
        rootKeyID = try keys.string("root_keyid")
        var keyEvents: [LoggedKeyEvent] = []
        for event in try keys.array("events") { keyEvents.append(try LoggedKeyEvent(event)) }
        self.keyEvents = keyEvents
        guard try pack.array("timestamps").isEmpty else { throw pack.shapeError("timestamps", "empty") }
        var openings: [Opening] = []
        for opening in try pack.array("openings") { openings.append(try Opening(opening)) }
        self.openings = openings
        if let proof = pack.object["proof"] {
            self.proof = try DataIntegrityProof(proof, of: pack.object)
        } else {
            proof = nil
        }
        problems = try Self.problems(of: pack)
    }

    /// Flat fields are texts, or null. Which of the two, and which text, the statement says.
    private static func checkTexts(_ object: ClosedObject, _ members: [String]) throws(AuditError) {
        for member in members where try !object.value(member).isNull {
            _ = try object.string(member)
        }
    }

    private static func problems(of pack: ClosedObject) throws(AuditError) -> [String] {
        let rules: [String: TextRule] = [
            "format": .exactly(EvidencePacker.format),
            "verification_method": .exactly(FlatProjection.verificationMethod),
            "signature_suite": .exactly(FlatProjection.signatureSuite),
        ]
        var problems: [String] = []
        for member in textMembers {
            let text = try pack.string(member)
            if let rule = rules[member], !rule.accepts(text) { problems.append("\(member) is not \(rule.meaning)") }
        }
        return problems
    }
}

extension UnverifiedEvidencePack.LogPosition {
    fileprivate init(_ json: JSONValue) throws(AuditError) {
        let members = try ClosedObject(json, "log", required: ["origin", "index", "leaf_hash", "tlog_proof"])
        origin = try members.string("origin")
        index = try members.string("index")
        leafHash = try members.string("leaf_hash")
        proof = try members.string("tlog_proof")
    }
}
