/// The statement of a record, written but for its commitment to the details, in the frame that its signature covers.
struct DraftStatement: Sendable {
    /// The DSSE pre-authentication encoding, with a gap where the commitment comes.
    private let encoding: [UInt8]
    private let payloadStart: Int
    private let commitmentStart: Int

    /// Writes a statement whose values were checked. The members are in their canonical order.
    init(origin: StatementOrigin, randomness: RecordRandomness, facts: RecordFacts, digests: RecordDigests) {
        let (observation, recordID) = (facts.observation, randomness.recordID)
        let key = observation == .gatewayObserved ? randomness.key : nil
        let commitments = DraftCommitments(digests, key: key)
        var text = CanonicalText(capacity: 2048)
        text.raw("{\"_type\":\"")
        text.plain(RunStatement.type)
        text.raw("\",\"predicate\":{\"audit_id\":\"")
        text.auditText(of: recordID)
        text.raw("\",\"commitments\":{\"details\":\"")
        let gapStart = text.gap()
        text.commitments(commitments)
        text.raw("\",\"scheme\":\"")
        text.plain(observation.commitmentScheme)
        text.raw("\"},\"completed_at\":\"")
        text.time(facts.completedAt.minute)
        text.raw("\",\"energy\":")
        text.energy(facts.energy)
        text.raw(",\"environment\":")
        text.string(facts.environment)
        text.raw(",\"evidence_level\":\"")
        text.plain(observation.evidenceLevel)
        text.raw("\",\"model_id\":")
        text.string(facts.modelID)
        text.raw(",\"nonce\":\"")
        text.hexadecimal(randomness.nonce)
        text.raw("\",\"observation\":\"")
        text.plain(observation.rawValue)
        text.raw("\",\"outcome\":\"")
        text.plain(facts.outcome.rawValue)
        text.raw("\"")
        if let run = facts.run { text.choices(of: run) }
        text.raw(",\"received_at\":\"")
        text.time(facts.receivedAt.minute)
        text.raw("\",\"record_id\":\"")
        text.recordText(of: recordID)
        text.raw("\"")
        if let run = facts.run { text.identifiers(of: run) }
        text.raw("},\"predicateType\":")
        text.json(origin.predicateType(of: observation))
        text.subject(commitments, run: facts.run, recordID: recordID)
        let payload = text.bytes
        encoding = DSSEEnvelope.preAuthenticationEncoding(type: DSSEEnvelope.payloadType, body: payload)
        payloadStart = encoding.count - payload.count
        commitmentStart = payloadStart + gapStart
    }

    /// What the signature covers.
    func preAuthenticationEncoding(details: SHA256Digest) -> [UInt8] {
        var encoding = encoding
        details.withSpan { Hexadecimal.write($0, over: &encoding, at: commitmentStart) }
        return encoding
    }

    /// The statement's own bytes in what the signature covers.
    func payload(in encoding: [UInt8]) -> [UInt8] { Array(encoding[payloadStart...]) }
}

/// The commitments of a statement but for that to its details.
private struct DraftCommitments {
    let input: SHA256Digest
    let output: SHA256Digest
    let promptTemplate: SHA256Digest?
    let requestWire: SHA256Digest?
    let responseWire: SHA256Digest?

    /// Salted if there is a key, else plain.
    init(_ digests: RecordDigests, key: RecordKey?) {
        func commitment(_ field: CommitmentField, _ digest: SHA256Digest) -> SHA256Digest {
            key.map { field.commitment(to: digest, salt: $0.salt(for: field)) } ?? digest
        }
        input = commitment(.input, digests.input)
        output = commitment(.output, digests.output)
        promptTemplate = digests.promptTemplate.map { commitment(.promptTemplate, $0) }
        requestWire = digests.requestWire.map { commitment(.requestWire, $0) }
        responseWire = digests.responseWire.map { commitment(.responseWire, $0) }
    }
}

// MARK: - Writing

extension CanonicalText {
    fileprivate mutating func commitments(_ commitments: DraftCommitments) {
        raw("\",\"input\":\"")
        hexadecimal(commitments.input)
        raw("\",\"output\":\"")
        hexadecimal(commitments.output)
        if let digest = commitments.promptTemplate {
            raw("\",\"prompt_template\":\"")
            hexadecimal(digest)
        }
        if let digest = commitments.requestWire {
            raw("\",\"request_wire\":\"")
            hexadecimal(digest)
        }
        if let digest = commitments.responseWire {
            raw("\",\"response_wire\":\"")
            hexadecimal(digest)
        }
    }

    /// Which prompt and provider were chosen.
    fileprivate mutating func choices(of run: RunStatement.Run) {
        raw(",\"prompt_version_id\":")
        string(run.promptVersionID)
        if let provider = run.provider {
            raw(",\"provider\":")
            string(provider)
        }
    }

    /// Under which names the run goes, and by which route it went.
    fileprivate mutating func identifiers(of run: RunStatement.Run) {
        if let routeID = run.routeID {
            raw(",\"route_id\":")
            string(routeID)
        }
        raw(",\"run_id\":\"")
        plain(run.runID)
        raw("\",\"span_id\":\"")
        plain(run.spanID)
        raw("\",\"trace_id\":\"")
        plain(run.traceID)
        raw("\"")
    }

    fileprivate mutating func subject(
        _ commitments: DraftCommitments, run: RunStatement.Run?, recordID: RecordID
    ) {
        raw(",\"subject\":[{\"digest\":{\"sha256\":\"")
        hexadecimal(commitments.input)
        raw("\"},\"name\":\"")
        if let run { plain(run.runID) } else { recordText(of: recordID) }
        raw("/input\"},{\"digest\":{\"sha256\":\"")
        hexadecimal(commitments.output)
        raw("\"},\"name\":\"")
        if let run { plain(run.runID) } else { recordText(of: recordID) }
        raw("/output\"}]}")
    }
}
