import Accounts
import Audit
import AuditLog
import Database
import Inference
import OTLP
import Sodium

/// Makes the audit records of gateway runs.
///
/// Everything about a record that can be known before its transaction is computed before it.
struct ObservedRuns: Sendable {
    let log: AuditLog
    let environment: String
    let energy: EnergyEstimates
    let refusals: RefusalCounts

    /// A record that is still to be made: its id is known from the beginning of the run.
    struct Pending: Sendable {
        let randomness: RecordRandomness

        var recordID: String { randomness.recordID.recordText }
    }

    /// - Throws: `serviceUnavailable` if nothing is recorded any more.
    func begin() throws -> Pending {
        guard log.inconsistency == nil else { throw APIError.auditLogDamaged }
        return Pending(randomness: try RecordRandomness())
    }

    /// The key that signs records now.
    var signingKeyText: String? { log.keyInUse(.gatewayObserved).map(FlatProjection.text(of:)) }

    /// What adds the record of a run to the log, in the transaction that stores the run.
    func part(_ pending: Pending, of run: InferenceRun, tenant: UserID) throws(AuditError) -> RecordPart {
        let generation = generation(of: run)
        let estimate = energy.estimate(for: run.model, generation)
        let digests = RecordDigests(
            input: try Self.digest(run.inputHash), output: try Self.digest(run.outputHash),
            requestWire: try Self.digest(run.requestHash), responseWire: try Self.digest(run.responseHash))
        let refused = refusals.take(of: tenant)
        let draft = try RecordDraft(
            origin: log.statementOrigin, randomness: pending.randomness,
            facts: RecordFacts(
                run: RunStatement.Run(
                    runID: run.id, traceID: run.trace.traceID.hex, spanID: run.trace.spanID.hex,
                    promptVersionID: run.promptVersion.description, routeID: run.model.route.id,
                    provider: run.outcome == .rejected ? nil : run.provider),
                environment: environment, modelID: run.model.id, outcome: Audit.RunOutcome(run.outcome),
                receivedAt: AuditTime(nanosecondsSince1970: run.startedAt),
                completedAt: AuditTime(nanosecondsSince1970: run.completedAt), energy: estimate),
            digests: digests, details: details(of: run, generation, refused, tenant: tenant))
        return RecordPart(
            log: log, draft: draft, randomness: pending.randomness, digests: digests, tenant: tenant,
            giveBack: { [refusals] in refusals.giveBack(refused, of: tenant) })
    }

    private func details(
        of run: InferenceRun, _ generation: TextGeneration?, _ refused: RefusalCounts.Counts, tenant: UserID
    ) -> RecordDetails {
        RecordDetails(
            tenant: tenant.description,
            usage: run.usage.map { usage in
                RecordDetails.Usage(
                    inputTokens: usage.inputTokens, outputTokens: usage.outputTokens,
                    cachedTokens: usage.cachedInputTokens, reasoningTokens: usage.reasoningTokens)
            },
            cost: run.usage == nil ? nil : RecordDetails.Cost(currency: "USD", nanos: run.cost),
            energyInputs: generation.flatMap { energy.inputs(for: run.model, $0) },
            requestByteCount: Int64(run.requestByteCount), responseByteCount: Int64(run.responseByteCount),
            refused: refused.isEmpty
                ? nil : RecordDetails.Refused(unauthorized: refused.unauthorized, rateLimited: refused.rateLimited))
    }

    /// What a model has written; nil where no method tells what that takes.
    private func generation(of run: InferenceRun) -> TextGeneration? {
        guard run.operation != .embeddings else { return nil }
        let seconds = Double(run.completedAt - min(run.startedAt, run.completedAt)) / 1e9
        return TextGeneration(
            outputTokens: Int(run.usage?.outputTokens ?? 0), inputTokens: Int(run.usage?.inputTokens ?? 0),
            tokenBasis: run.usage?.isEstimated == false ? .provider : .estimated, latencySeconds: seconds)
    }

    private static func digest(_ bytes: [UInt8]) throws(AuditError) -> SHA256Digest {
        guard let digest = SHA256Digest(bytes: bytes) else {
            throw AuditError(.invalidValue, "a hash of a run is not a SHA-256")
        }
        return digest
    }
}

/// The part of a run's transaction that adds its record to the log.
struct RecordPart: Sendable {
    let log: AuditLog
    let draft: RecordDraft
    let randomness: RecordRandomness
    let digests: RecordDigests
    let tenant: UserID
    /// To be called when the record was not made after all.
    let giveBack: @Sendable () -> Void

    func append(on connection: Connection) throws(DatabaseError) -> Receipt {
        try log.append(
            draft, madeWith: randomness, digests: digests, tenant: tenant.description, on: connection)
    }
}

extension AuditTime {
    init(nanosecondsSince1970 nanoseconds: UInt64) {
        self.init(microsecondsSince1970: Int64(nanoseconds / 1000))
    }
}

extension Audit.RunOutcome {
    init(_ outcome: InferenceRun.Outcome) {
        switch outcome {
        case .ok: self = .ok
        case .upstreamError: self = .upstreamError
        case .interrupted: self = .interrupted
        case .timeout: self = .timeout
        case .rejected: self = .rejected
        }
    }
}

extension APIError {
    /// What runs and assertions are refused with once the log can't be trusted.
    static var auditLogDamaged: APIError {
        var error = APIError(
            .serviceUnavailable, "the audit log is damaged, so nothing can be recorded",
            hint: "Whoever runs this server has to look at /health and run batchin audit fsck.")
        error.isFinal = true
        return error
    }
}
