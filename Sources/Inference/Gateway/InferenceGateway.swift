/// Serves inference calls: holds the money, finds a provider that answers, and has the run written down before anybody
/// sees the whole of an answer.
package struct InferenceGateway: Sendable {
    package let catalogue: Catalogue
    package let router: Router
    let upstreams: Upstreams
    /// The largest whole answer that is taken from a provider.
    let answerBytesMax: Int
    /// Nanoseconds since 1970-01-01 00:00 UTC.
    package let now: @Sendable () -> UInt64
    /// What the client is told of an error: the HTTP status, and the contract's word for it.
    let naming: @Sendable (any Error) -> (status: Int, code: String)

    package init(
        catalogue: Catalogue, router: Router, upstreams: Upstreams, answerBytesMax: Int,
        now: @escaping @Sendable () -> UInt64,
        naming: @escaping @Sendable (any Error) -> (status: Int, code: String)
    ) {
        self.catalogue = catalogue
        self.router = router
        self.upstreams = upstreams
        self.answerBytesMax = answerBytesMax
        self.now = now
        self.naming = naming
    }

    /// Serves a call. A buffered answer's run is settled when this returns; a stream's is when it has been finished.
    ///
    /// - Throws: `RunFailure`, after the run was recorded.
    package func serve(
        _ prepared: PreparedCall, for caller: InferenceCaller
    ) async throws(RunFailure) -> InferenceAnswer {
        var run = begin(prepared, for: caller)
        let reservation: any RunReservation
        do {
            reservation = try await caller.account.reserve(prepared.costMax)
        } catch {
            throw await reject(&run, because: error, for: caller)
        }
        let answer: ProviderAnswer
        do throws(InferenceError) {
            answer = try await RunAttempts(gateway: self, prepared: prepared, caller: caller).answer(&run)
        } catch {
            throw await fail(&run, because: error, reservation, for: caller)
        }
        switch answer {
        case .buffered(let buffered):
            return .buffered(try await settle(&run, buffered, of: prepared, reservation))
        case .stream(let start):
            return .stream(
                StreamingRun(
                    gateway: self, run: run, likelyInputTokens: prepared.likelyInputTokens, start: start,
                    reservation: reservation))
        }
    }

    private func begin(_ prepared: PreparedCall, for caller: InferenceCaller) -> InferenceRun {
        var generator = SystemRandomNumberGenerator()
        var run = InferenceRun(
            id: RunID.make(using: &generator), operation: prepared.call.operation, trace: caller.trace,
            model: prepared.model, promptVersion: caller.promptVersion ?? prepared.call.promptVersion ?? .default,
            isStream: prepared.call.isStream, startedAt: now())
        run.requestHash = prepared.call.bodyHash
        run.requestByteCount = prepared.call.body.count
        run.inputHash = prepared.call.inputHash
        return run
    }

    private func settle(
        _ run: inout InferenceRun, _ answer: BufferedAnswer, of prepared: PreparedCall,
        _ reservation: any RunReservation
    ) async throws(RunFailure) -> WholeAnswer {
        run.responseID = answer.responseID
        run.responseModel = answer.model
        run.finishReasons = answer.finishReasons
        run.firstByteAt = now()
        run.completedAt = run.firstByteAt ?? now()
        do {
            try run.bill(answer.usage, text: answer.text, likelyInputTokens: prepared.likelyInputTokens)
            run.responseHash = ContentHash.of(answer.body)
            run.responseByteCount = answer.body.count
            run.outputHash = answer.outputHash ?? run.responseHash
            try await reservation.settle(run, body: answer.body)
        } catch {
            throw await fail(&run, because: error, reservation)
        }
        return WholeAnswer(run: run, body: answer.body)
    }

    /// Records a run that reached no provider.
    private func reject(
        _ run: inout InferenceRun, because error: any Error, for caller: InferenceCaller
    ) async -> RunFailure {
        note(error, on: &run)
        if run.outcome != .interrupted { run.outcome = .rejected }
        do {
            try await caller.account.reject(run)
        } catch {
            // The refusal stands, and costs nobody anything; that it can't be written down is the worse news.
            return RunFailure(run: run, reason: error)
        }
        return RunFailure(run: run, reason: error)
    }

    /// Records a run that got no answer.
    private func fail(
        _ run: inout InferenceRun, because error: InferenceError, _ reservation: any RunReservation,
        for caller: InferenceCaller
    ) async -> RunFailure {
        guard !run.attempts.isEmpty else {
            await reservation.release()
            return await reject(&run, because: error, for: caller)
        }
        note(error, on: &run)
        do {
            try await reservation.settle(run, body: nil)
        } catch {
            return await fail(&run, because: error, reservation)
        }
        return RunFailure(run: run, reason: error)
    }

    /// Gives up a run that can't be recorded.
    func fail(
        _ run: inout InferenceRun, because error: any Error, _ reservation: any RunReservation
    ) async -> RunFailure {
        note(error, on: &run)
        await reservation.release()
        return RunFailure(run: run, reason: error)
    }

    /// Notes on a run what ended it.
    func note(_ error: any Error, on run: inout InferenceRun) {
        let name = naming(error)
        run.status = name.status
        run.errorCode = name.code
        run.completedAt = now()
        switch (error as? InferenceError)?.code {
        case .cancelled: run.outcome = .interrupted
        case .upstreamTimeout: run.outcome = .timeout
        default: run.outcome = .upstreamError
        }
    }
}

/// What a call is answered with.
package enum InferenceAnswer: Sendable {
    case buffered(WholeAnswer)
    case stream(StreamingRun)
}

/// An answer that is complete, and recorded.
package struct WholeAnswer: Sendable {
    package let run: InferenceRun
    package let body: [UInt8]
}
