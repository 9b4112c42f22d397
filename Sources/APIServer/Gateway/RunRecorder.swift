import Accounts
import AuditLog
import Database
import Inference
import OTLP
import Synchronization

/// Where gateway runs are paid and written down: the ledger of runs, the audit log, and the spans of each.
struct RunRecorder: Sendable {
    let ledger: Ledger
    let records: ObservedRuns
    let spans: GatewaySpans
    let metrics: GatewayMetrics
    let environment: String

    /// The account of whoever asks, for one run.
    ///
    /// - Throws: `serviceUnavailable` if no run can be recorded.
    func begin(for principal: Principal, idempotent call: IdempotentCall? = nil) throws -> RunRecording {
        RunRecording(recorder: self, principal: principal, call: call, pending: try records.begin())
    }

    /// What follows once a run is on disk.
    fileprivate func note(_ run: InferenceRun, of principal: Principal) {
        spans.add(run, of: principal.userID)
        metrics.count(run)
    }

    fileprivate func usage(of run: InferenceRun) -> RunUsage {
        RunUsage(
            runID: run.id, traceID: run.trace.traceID.hex, model: run.model.id,
            inputTokens: run.usage?.inputTokens ?? 0, outputTokens: run.usage?.outputTokens ?? 0,
            cost: NanoDollars(run.cost), outcome: RunOutcome(run.outcome), details: details(of: run),
            recordID: run.recordID)
    }

    private func details(of run: InferenceRun) -> RunDetails {
        RunDetails(
            spanID: run.trace.spanID.hex, operation: run.operation.rawValue, isStream: run.isStream,
            environment: environment, promptVersion: run.promptVersion.description, routeID: run.model.route.id,
            provider: run.provider, responseModel: run.responseModel, attemptCount: Int64(run.attempts.count),
            cachedInputTokens: run.usage?.cachedInputTokens ?? 0, reasoningTokens: run.usage?.reasoningTokens ?? 0,
            usageIsEstimated: run.usage?.isEstimated ?? false, status: Int64(run.status), errorCode: run.errorCode,
            finishReasons: run.finishReasons.isEmpty ? nil : run.finishReasons.joined(separator: ","),
            requestHash: run.requestHash, responseHash: run.responseHash, startedAt: Int64(clamping: run.startedAt),
            firstByteAt: run.firstByteAt.map { Int64(clamping: $0) }, completedAt: Int64(clamping: run.completedAt))
    }
}

/// The recording of one run: it is settled or rejected once, and then has a receipt.
final class RunRecording: RunAccount {
    /// The id that the run's record will have.
    var recordID: String { pending.recordID }

    /// The key that will sign the record, unless it is replaced before that.
    var signingKeyText: String? { recorder.records.signingKeyText }

    /// What the caller gets of the record; nil until it is made.
    var receipt: Receipt? { made.withLock { $0 } }

    private let recorder: RunRecorder
    private let principal: Principal
    private let call: IdempotentCall?
    private let pending: ObservedRuns.Pending
    private let made = Mutex<Receipt?>(nil)

    fileprivate init(
        recorder: RunRecorder, principal: Principal, call: IdempotentCall?, pending: ObservedRuns.Pending
    ) {
        self.recorder = recorder
        self.principal = principal
        self.call = call
        self.pending = pending
    }

    func reserve(_ nanoDollars: Int64) async throws -> any RunReservation {
        let reservation = try await recorder.ledger.reserve(NanoDollars(nanoDollars), for: principal)
        return LedgerReservation(recording: self, reservation: reservation)
    }

    func reject(_ run: InferenceRun) async throws {
        try await store(run) { usage, part in
            try await recorder.ledger.recordRejection(usage, for: principal, alongWith: part, inGroup: .auditLog)
        }
        await call?.abandon()
    }

    fileprivate func settle(_ reservation: Reservation, as run: InferenceRun, body: [UInt8]?) async throws {
        let completion = call?.completion(with: run, body: body)
        try await store(run, completion) { usage, part in
            _ = try await recorder.ledger.settle(reservation, as: usage, alongWith: part, inGroup: .auditLog)
        }
        if completion == nil { await call?.abandon() }
    }

    fileprivate func release(_ reservation: Reservation) async {
        await recorder.ledger.release(reservation)
        await call?.abandon()
    }

    private func store(
        _ run: InferenceRun, _ completion: IdempotentCall.Completion? = nil,
        by write: (RunUsage, @escaping TransactionPart) async throws -> Void
    ) async throws {
        var run = run
        run.recordID = recordID
        let part = try recorder.records.part(pending, of: run, tenant: principal.userID)
        do {
            try await write(recorder.usage(of: run)) { [self] connection throws(DatabaseError) in
                let receipt = try part.append(on: connection)
                // The body may be run again; what it did last is what is stored.
                made.withLock { $0 = receipt }
                try completion?(receipt, connection)
            }
        } catch {
            made.withLock { $0 = nil }
            part.giveBack()
            throw error
        }
        recorder.note(run, of: principal)
    }
}

private struct LedgerReservation: RunReservation {
    let recording: RunRecording
    let reservation: Reservation

    func settle(_ run: InferenceRun, body: [UInt8]?) async throws {
        try await recording.settle(reservation, as: run, body: body)
    }

    func release() async {
        await recording.release(reservation)
    }
}

extension RunOutcome {
    fileprivate init(_ outcome: InferenceRun.Outcome) {
        switch outcome {
        case .ok: self = .ok
        case .upstreamError: self = .upstreamError
        case .interrupted: self = .interrupted
        case .timeout: self = .timeout
        case .rejected: self = .rejected
        }
    }
}
