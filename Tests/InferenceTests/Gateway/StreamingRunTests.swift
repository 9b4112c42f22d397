import Testing

@testable import Inference

@Suite(.timeLimit(.minutes(5)))
struct StreamingRunTests {
    /// Runs a test with a stream that has begun and stays open.
    private func withStream(
        failuresInARowMax: Int = 5, _ test: (GatewayStub, StreamingRun) async throws -> Void
    ) async throws {
        let begun = HTTPText.streamHead + HTTPText.chunk(ChunkStub.content("Hello"))
        try await withGateway([.send(begun), .wait], failuresInARowMax: failuresInARowMax) { stub in
            try await test(stub, try await stub.stream())
        }
    }

    /// How a stream ended that brought these chunks.
    private func ending(
        _ chunks: String..., error: InferenceError? = nil, showsUsage: Bool = false
    ) -> StreamEnding {
        var editor = StreamEditor(showsUsage: showsUsage)
        var delivered = DeliveredBytes()
        for chunk in chunks { delivered.append(editor.take(Array(chunk.utf8)).bytes) }
        return StreamEnding(editor, error: error, delivered: delivered, firstByteAt: 1_234)
    }

    @Test func `a complete stream is billed for what the provider reported`() async throws {
        try await withStream { stub, stream in
            let (run, failure) = await stream.finish(
                ending(ChunkStub.content("Hello"), ChunkStub.finish(), ChunkStub.usage(), ChunkStub.done))
            #expect(failure == nil)
            #expect(run.usage == .stub(input: 3, output: 2) && run.cost == 3 * 1_000 + 2 * 2_000)
            #expect(stub.account.history == ["reserved", "settled ok"])
            let settled = try #require(stub.account.lastRun)
            #expect(settled.id == stream.run.id && settled.cost == run.cost)
            #expect(settled.responseID == "c1" && settled.responseModel == "up" && settled.finishReasons == ["stop"])
            #expect(settled.firstByteAt == 1_234 && settled.status == 200)
            #expect(settled.attempts[0].endedAt == settled.completedAt && settled.completedAt > settled.startedAt)
            #expect(settled.attempts[0].errorType == nil)
        }
    }

    @Test func `a complete stream without usage is billed for an estimate`() async throws {
        try await withStream { _, stream in
            let ending = ending(ChunkStub.content("Hello"), ChunkStub.finish(), ChunkStub.done)
            let run = await stream.finish(ending).run
            #expect(run.usage?.isEstimated == true)
            #expect(run.usage?.outputTokens == ending.facts.text.tokenCount && ending.facts.text.tokenCount > 0)
            #expect((run.usage?.inputTokens ?? 0) > 0)
        }
    }

    @Test(arguments: [InferenceError.Code.upstreamError, .upstreamTimeout])
    func `a stream that breaks off is billed for what came, and is a failure`(code: InferenceError.Code) async throws {
        try await withStream { stub, stream in
            let (run, failure) = await stream.finish(
                ending(ChunkStub.content("Hello"), error: InferenceError(code, "it broke")))
            #expect((failure as? InferenceError)?.code == code)
            #expect(run.cost > 0 && run.usage?.isEstimated == true)
            #expect(run.outcome == (code == .upstreamError ? .upstreamError : .timeout))
            #expect(run.status == 200 && run.errorCode != nil)
            #expect(run.attempts[0].errorMessage == "it broke" && run.attempts[0].errorType == run.errorCode)
            #expect(stub.account.history == ["reserved", "settled \(run.outcome.rawValue)"])
        }
    }

    @Test func `a stream that breaks off before anything was written costs nothing`() async throws {
        try await withStream { stub, stream in
            let run = await stream.finish(ending(error: .brokenOff)).run
            #expect(run.cost == 0 && run.usage == nil)
            #expect(stub.account.history == ["reserved", "settled upstream_error"])
        }
    }

    @Test func `a stream that breaks off before anything was written is billed if the provider says so`() async throws {
        try await withStream { _, stream in
            let run = await stream.finish(ending(ChunkStub.usage(), error: .brokenOff)).run
            #expect(run.cost == 3 * 1_000 + 2 * 2_000)
        }
    }

    @Test func `a stream that breaks off counts against its provider`() async throws {
        try await withStream(failuresInARowMax: 1) { stub, stream in
            _ = await stream.finish(ending(error: .brokenOff))
            #expect(stub.gateway.router.status(of: stream.run.model) == .degraded)
        }
    }

    @Test func `a client who leaves pays for what was made, and the provider is not to blame`() async throws {
        try await withStream(failuresInARowMax: 1) { stub, stream in
            let (run, failure) = await stream.finish(ending(ChunkStub.content("Hello"), error: .cancelled))
            #expect((failure as? InferenceError)?.code == .cancelled)
            #expect(run.outcome == .interrupted && run.cost > 0 && run.status == 200)
            #expect(run.attempts[0].errorType == nil && run.attempts[0].errorMessage == nil)
            #expect(stub.account.history == ["reserved", "settled interrupted"])
            #expect(stub.gateway.router.status(of: stream.run.model) == .alwaysOn)
        }
    }

    @Test func `a stream that can't be settled fails, and nothing stays reserved`() async throws {
        try await withStream { stub, stream in
            stub.account.refuseSettlements()
            let (run, failure) = await stream.finish(ending(ChunkStub.content("Hello")))
            #expect(failure as? AccountStub.Refusal == AccountStub.Refusal(reason: "settle"))
            #expect(run.outcome == .upstreamError)
            #expect(stub.account.history == ["reserved", "released"])
        }
    }

    @Test func `a stream that nobody takes is recorded as interrupted, and its provider's call ends`() async throws {
        let begun = HTTPText.streamHead + HTTPText.chunk(ChunkStub.content("Hello"))
        try await withGateway([.send(begun), .wait]) { stub in
            var stream: StreamingRun? = try await stub.stream()
            let id = try #require(stream?.run.id)
            stream = nil
            let run = try #require(await stub.account.settlement())
            #expect(run.id == id && run.outcome == .interrupted)
            #expect(run.firstByteAt == nil && run.responseHash == ContentHash.ofNothing)
            #expect(run.cost > 0)
            #expect(await stub.upstream.event { $0 == .closed } == .closed)
        }
    }

    @Test func `a stream that was finished is not recorded again when it is let go`() async throws {
        let begun = HTTPText.streamHead + HTTPText.chunk(ChunkStub.content("Hello"))
        try await withGateway([.send(begun), .wait]) { stub in
            for _ in 0..<2 {
                _ = try await stub.stream().finish(ending(ChunkStub.content("Hello")))
            }
            // Whatever a stream does when it is let go is done before the last one that is let go.
            _ = try await stub.stream()
            while stub.account.history.last != "settled interrupted" { await Task.yield() }
            #expect(stub.account.history.filter { $0 == "settled ok" }.count == 2)
            #expect(stub.account.history.filter { $0 == "settled interrupted" }.count == 1)
        }
    }
}
