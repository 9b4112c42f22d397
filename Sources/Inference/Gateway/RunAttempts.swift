import OTLP

/// What a provider has answered.
enum ProviderAnswer: Sendable {
    case buffered(BufferedAnswer)
    case stream(StreamStart)
}

/// Asks one provider after the other until one answers: as the route says, and only as long as the client has got
/// nothing.
struct RunAttempts: Sendable {
    let gateway: InferenceGateway
    let prepared: PreparedCall
    let caller: InferenceCaller

    /// A caller that leaves between two attempts is noticed as soon.
    private static let departureCheckMilliseconds: Int64 = 200

    /// Every try is noted on the run.
    ///
    /// - Throws: What the last attempt failed with; `unavailable` if there was none; `cancelled` when the caller left.
    func answer(_ run: inout InferenceRun) async throws(InferenceError) -> ProviderAnswer {
        var history = AttemptHistory()
        var failure: InferenceError?
        while let attempt = gateway.router.next(for: prepared.model, after: history) {
            try await wait(for: attempt)
            var record = begin(attempt)
            let result = await ask(attempt, &record)
            record.endedAt = gateway.now()
            switch result {
            case .success(let answer):
                run.attempts.append(record)
                gateway.router.report(.answered, of: attempt)
                return answer
            case .failure(let refusal):
                record.errorMessage = refusal.error.message
                record.errorType =
                    record.status.flatMap { $0 >= 300 ? String($0) : nil } ?? gateway.naming(refusal.error).code
                run.attempts.append(record)
                gateway.router.report(refusal.outcome, of: attempt)
                history.append(attempt, refusal.outcome)
                failure = refusal.error
            }
        }
        throw failure ?? unavailable
    }

    private func wait(for attempt: Attempt) async throws(InferenceError) {
        var rest = attempt.delayMilliseconds
        while rest > 0, !caller.departure.isGone, !Task.isCancelled {
            let step = min(rest, Self.departureCheckMilliseconds)
            // When the task is cancelled the wait is over, and the check below sees to the rest.
            try? await Task.sleep(for: .milliseconds(step))
            rest -= step
        }
        guard !caller.departure.isGone, !Task.isCancelled else {
            gateway.router.report(.abandoned, of: attempt)
            throw .cancelled
        }
    }

    private func begin(_ attempt: Attempt) -> AttemptRecord {
        let provider = gateway.catalogue.providers[attempt.target.provider]
        return AttemptRecord(
            spanID: SpanID(rawValue: .random(in: 1 ... .max)), provider: attempt.target.provider,
            server: provider?.server, model: attempt.upstreamModel, startedAt: gateway.now())
    }

    private struct Refusal: Error {
        let error: InferenceError
        let outcome: AttemptOutcome
    }

    private func ask(_ attempt: Attempt, _ record: inout AttemptRecord) async -> Result<ProviderAnswer, Refusal> {
        do throws(InferenceError) {
            let response = try await gateway.upstreams.upstream(of: attempt).send(request(attempt, record))
            record.status = response.status
            guard (200..<300).contains(response.status) else {
                return .failure(await refusal(response, by: attempt))
            }
            return .success(try await read(response, of: attempt))
        } catch {
            return .failure(Refusal(error: error, outcome: AttemptOutcome(error)))
        }
    }

    private func request(_ attempt: Attempt, _ record: AttemptRecord) -> UpstreamRequest {
        let trace = caller.trace
        let flags = trace.isSampled ? "01" : "00"
        var headers = [HeaderField("traceparent", "00-\(trace.traceID.hex)-\(record.spanID.hex)-\(flags)")]
        if let state = trace.traceState { headers.append(HeaderField("tracestate", state)) }
        return UpstreamRequest(
            prepared.call.endpoint, body: prepared.call.upstreamBody(model: attempt.upstreamModel),
            expecting: prepared.call.isStream ? .eventStream : .json, callerHeaders: caller.headers,
            ownHeaders: headers, on: caller.eventLoop, departure: caller.departure)
    }

    private func read(_ response: UpstreamResponse, of attempt: Attempt) async throws(InferenceError) -> ProviderAnswer
    {
        guard prepared.call.isStream else {
            let body = try await response.body.collect(upTo: gateway.answerBytesMax)
            return .buffered(try BufferedAnswer(body, to: prepared.call, model: prepared.model.id))
        }
        var start = StreamStart(
            editor: StreamEditor(
                model: prepared.model.id, showsUsage: prepared.call.includesUsage, heldBytesMax: gateway.answerBytesMax),
            body: response.body, attempt: attempt)
        try await start.read()
        return .stream(start)
    }

    /// Reads what a provider says that does not serve the call.
    private func refusal(_ response: UpstreamResponse, by attempt: Attempt) async -> Refusal {
        var body: [UInt8] = []
        do throws(InferenceError) {
            body = try await response.body.collect(upTo: UpstreamErrorBody.bodyBytesMax)
        } catch {
            if error.code == .cancelled { return Refusal(error: error, outcome: .abandoned) }
            // What can't be read says nothing; the status does.
        }
        let secrets = gateway.catalogue.providers[attempt.target.provider]?.secrets ?? []
        let said = UpstreamErrorBody(body: body, hiding: secrets)
        return Refusal(
            error: InferenceError(
                status: response.status, said, retryAfterMilliseconds: response.retryAfterMilliseconds),
            outcome: AttemptOutcome(response))
    }

    private var unavailable: InferenceError {
        let wait = gateway.router.millisecondsUntilAvailable(prepared.model)
        return InferenceError(
            .unavailable, "no provider of the model \(prepared.model.id) can be called now", parameter: "model",
            retryAfterSeconds: Int(max(1, (wait + 999) / 1000)))
    }
}

extension Provider {
    /// Where spans say that the provider is.
    fileprivate var server: AttemptRecord.ServerAddress? {
        if case .openAICompatible(let endpoint) = kind { endpoint.server } else { nil }
    }

    /// What must not be shown to a caller, should the provider repeat it.
    fileprivate var secrets: [String] {
        guard case .openAICompatible(let endpoint) = kind else { return [] }
        return (endpoint.apiKey.map { [$0.value] } ?? []) + endpoint.headers.values.map(\.value)
    }
}

extension InferenceError {
    /// No caller is asked to stay away for longer than this, whatever a provider says.
    private static let retryAfterMillisecondsMax: Int64 = 3_600_000

    /// What the status of a provider that did not serve a call means for the caller.
    fileprivate init(status: Int, _ said: UpstreamErrorBody, retryAfterMilliseconds: Int64?) {
        let message = said.message.map { "the provider reports an error: \($0)" }
        let detail = "status \(status)" + (said.code ?? said.type).map { ", \($0)" }.orEmpty
        switch status {
        case 400, 422:
            self.init(
                .invalidRequest, message ?? "the provider does not accept the request", detail: detail,
                parameter: said.parameter)
        case 413:
            self.init(.requestTooLarge, message ?? "the provider does not accept so large a request", detail: detail)
        case 429:
            self.init(
                .upstreamRateLimited, message ?? "the provider asks to slow down", detail: detail,
                retryAfterSeconds: retryAfterMilliseconds.map {
                    Int((max(1, min($0, Self.retryAfterMillisecondsMax)) + 999) / 1000)
                })
        case 401...405:
            self.init(
                .upstreamRefused, message ?? "the provider refused the call with status \(status)", detail: detail)
        case 408, 504:
            self.init(.upstreamTimeout, message ?? "the provider took too long", detail: detail)
        default:
            self.init(.upstreamError, message ?? "the provider failed with status \(status)", detail: detail)
        }
    }
}

extension String? {
    fileprivate var orEmpty: String { self ?? "" }
}
