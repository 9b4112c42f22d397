import Accounts
import Database
import Inference
import OTLP

/// Where gateway runs are paid and written down: the ledger of runs, and the spans of each.
struct RunRecorder: Sendable {
    let ledger: Ledger
    let spans: GatewaySpans
    let metrics: GatewayMetrics
    let environment: String

    /// The account of whoever asks.
    func account(of principal: Principal, idempotent call: IdempotentCall? = nil) -> any RunAccount {
        PrincipalAccount(recorder: self, principal: principal, call: call)
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
            cost: NanoDollars(run.cost), outcome: RunOutcome(run.outcome), details: details(of: run))
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

private struct PrincipalAccount: RunAccount {
    let recorder: RunRecorder
    let principal: Principal
    let call: IdempotentCall?

    func reserve(_ nanoDollars: Int64) async throws -> any RunReservation {
        let reservation = try await recorder.ledger.reserve(NanoDollars(nanoDollars), for: principal)
        return LedgerReservation(account: self, reservation: reservation)
    }

    func reject(_ run: InferenceRun) async throws {
        try await recorder.ledger.recordRejection(recorder.usage(of: run), for: principal)
        recorder.note(run, of: principal)
        await call?.abandon()
    }
}

private struct LedgerReservation: RunReservation {
    let account: PrincipalAccount
    let reservation: Reservation

    func settle(_ run: InferenceRun, body: [UInt8]?) async throws {
        let recorder = account.recorder
        let completion = account.call?.completion(with: run, body: body)
        _ = try await recorder.ledger.settle(reservation, as: recorder.usage(of: run), alongWith: completion)
        recorder.note(run, of: account.principal)
        if completion == nil { await account.call?.abandon() }
    }

    func release() async {
        await account.recorder.ledger.release(reservation)
        await account.call?.abandon()
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
