import Synchronization

/// A run whose answer goes to the client as it comes. Whoever passes it on says in the end how that went.
///
/// A run that nobody finishes, because the client was gone before the first byte, is recorded as interrupted.
package final class StreamingRun: Sendable {
    /// As far as it is known when the head is sent.
    package let run: InferenceRun
    package let start: StreamStart

    private let gateway: InferenceGateway
    private let likelyInputTokens: Int64
    private let reservation: any RunReservation
    private let isFinished = Mutex(false)

    init(
        gateway: InferenceGateway, run: InferenceRun, likelyInputTokens: Int64, start: StreamStart,
        reservation: any RunReservation
    ) {
        self.gateway = gateway
        self.likelyInputTokens = likelyInputTokens
        self.run = run
        self.start = start
        self.reservation = reservation
    }

    deinit {
        guard !isFinished.withLock({ $0 }) else { return }
        let settlement = settlement(of: .interrupted(start.editor))
        Task { _ = await settlement.run() }
    }

    /// Records the run, whatever became of it.
    ///
    /// - Returns: The run, and why it failed if it did. Without a failure the client gets the end of a complete stream.
    package func finish(_ ending: StreamEnding) async -> (run: InferenceRun, failure: (any Error)?) {
        isFinished.withLock { $0 = true }
        return await settlement(of: ending).run()
    }

    private func settlement(of ending: StreamEnding) -> Settlement {
        Settlement(
            gateway: gateway, reservation: reservation, likelyInputTokens: likelyInputTokens,
            attempt: start.attempt, ending: ending, run: run)
    }

    private struct Settlement: Sendable {
        let gateway: InferenceGateway
        let reservation: any RunReservation
        let likelyInputTokens: Int64
        let attempt: Attempt
        let ending: StreamEnding
        var run: InferenceRun

        consuming func run() async -> (run: InferenceRun, failure: (any Error)?) {
            noteEnding()
            do {
                let facts = ending.facts
                // Whoever got nothing pays nothing, unless the provider says that it worked.
                if ending.error == nil || facts.usage != nil || facts.text.byteCount > 0 {
                    try run.bill(facts.usage, text: facts.text, likelyInputTokens: likelyInputTokens)
                }
                try await reservation.settle(run, body: nil)
                return (run, ending.error)
            } catch {
                let failure = await gateway.fail(&run, because: error, reservation)
                return (failure.run, failure.reason)
            }
        }

        private mutating func noteEnding() {
            run.responseID = ending.facts.id
            run.responseModel = ending.facts.model
            run.finishReasons = ending.facts.finishReasons
            run.responseHash = ending.delivered.digest
            run.responseByteCount = ending.delivered.count
            run.outputHash = ending.outputHash
            run.firstByteAt = ending.firstByteAt
            run.completedAt = gateway.now()
            let last = run.attempts.count - 1
            run.attempts[last].endedAt = run.completedAt
            guard let error = ending.error else { return }
            gateway.note(error, on: &run)
            // The head went out before anything was wrong.
            run.status = 200
            guard error.code != .cancelled else { return }
            run.attempts[last].errorMessage = error.message
            run.attempts[last].errorType = run.errorCode
            gateway.router.report(AttemptOutcome(error), of: attempt)
        }
    }
}

/// How a stream ended.
package struct StreamEnding: Sendable {
    /// What its chunks have said.
    package let facts: ResponseFacts
    /// Why it is not complete; nil if it is.
    package let error: InferenceError?
    /// What the client got. An error event counts as well, since the receipt comes behind it: whoever writes one adds it
    /// before the run is finished.
    package var delivered: DeliveredBytes
    /// Nanoseconds since 1970-01-01 00:00 UTC.
    package let firstByteAt: UInt64?

    private let output: OutputDigest

    /// - Parameter editor: As it was when the last bytes went to the client.
    package init(_ editor: StreamEditor, error: InferenceError?, delivered: DeliveredBytes, firstByteAt: UInt64?) {
        facts = editor.facts
        // What is held back still goes out, unless nobody is there to take it.
        let isGone = error?.code == .cancelled
        output = isGone ? editor.output : editor.held?.output ?? editor.output
        self.error = error
        self.delivered = delivered
        self.firstByteAt = firstByteAt
    }

    /// SHA-256 of what the client got of the model's words.
    var outputHash: [UInt8] {
        // A client may be gone before it is sent what was read to know that there is a stream.
        error?.code == .cancelled && delivered.count == 0 ? ContentHash.ofNothing : output.value
    }

    /// A client that was gone before it got anything.
    static func interrupted(_ editor: StreamEditor) -> StreamEnding {
        StreamEnding(editor, error: .cancelled, delivered: DeliveredBytes(), firstByteAt: nil)
    }
}
