import Testing

@testable import Inference

/// What runs say of the bytes and words that came and went.
@Suite(.timeLimit(.minutes(5)))
struct RunDigestTests {
    private let messages = #"[{"role":"user","content":"Hi"}]"#

    @Test func `a whole answer's run has the digests of both bodies and of what they say`() async throws {
        try await withGateway([.send(HTTPText.json(AnswerStub.chat(#"Hell\u006f"#)))]) { stub in
            let answer = try await stub.whole()
            let run = try #require(stub.account.lastSettlement?.run)
            #expect(run.requestHash == sha256(GatewayStub.chat) && run.requestByteCount == GatewayStub.chat.utf8.count)
            #expect(run.inputHash == sha256(messages))
            #expect(run.responseHash == ContentHash.of(answer.body) && run.responseByteCount == answer.body.count)
            #expect(run.outputHash == sha256("Hello"))
        }
    }

    @Test func `the output of embeddings is their body`() async throws {
        let body = #"{"data":[{"index":0,"embedding":[0.5,1]}],"model":"vec-1"}"#
        try await withGateway([.send(HTTPText.json(body))]) { stub in
            let run = try await stub.whole(#"{"model":"vectors","input":"H\u0069"}"#, .embeddings).run
            #expect(run.inputHash == sha256("Hi"))
            #expect(run.outputHash == sha256(body.replacing("vec-1", with: "vectors")))
            #expect(run.outputHash == run.responseHash)
        }
    }

    @Test func `a run without an answer has delivered nothing`() async throws {
        try await withGateway(AnswerStub.refusal("500 Oops"), retries: 0) { stub in
            expectNothing(of: try await stub.failure().run)
            stub.account.refuseReservations()
            expectNothing(of: try await stub.failure().run)
            #expect(stub.account.history.last == "rejected")
        }
    }

    private func expectNothing(of run: InferenceRun) {
        #expect(run.requestHash == sha256(GatewayStub.chat) && run.requestByteCount > 0)
        #expect(run.inputHash == sha256(messages))
        #expect(run.responseHash == sha256("") && run.responseByteCount == 0 && run.outputHash == sha256(""))
    }

    // MARK: - Streams

    /// Finishes a stream that has brought these chunks, and was then left, broken off or complete.
    private func finish(
        _ chunks: String..., showsUsage: Bool = false, error: InferenceError? = nil
    ) async throws -> (run: InferenceRun, sent: String) {
        let begun = HTTPText.streamHead + HTTPText.chunk(ChunkStub.content("Hello"))
        return try await withGateway([.send(begun), .wait]) { stub in
            let stream = try await stub.stream()
            var (editor, delivered, sent) = (StreamEditor(showsUsage: showsUsage), DeliveredBytes(), "")
            for chunk in chunks {
                let bytes = editor.take(Array(chunk.utf8)).bytes
                delivered.append(bytes)
                sent += String(decoding: bytes, as: UTF8.self)
            }
            var ending = StreamEnding(editor, error: error, delivered: delivered, firstByteAt: 1)
            if let error, error.code != .cancelled {
                let end: String = editor.fail(with: "{}")
                ending.delivered.append(Array(end.utf8))
                sent += end
            }
            _ = await stream.finish(ending)
            return (try #require(stub.account.lastRun), sent)
        }
    }

    @Test func `a stream's run has the digest of what came before its end`() async throws {
        let (run, sent) = try await finish(
            ChunkStub.content("Hel"), ": ping\n\n", ChunkStub.content("lo"), ChunkStub.finish(), ChunkStub.usage(),
            ChunkStub.done)
        #expect(run.requestHash == sha256(GatewayStub.stream) && run.inputHash == sha256(messages))
        #expect(run.responseHash == sha256(sent) && run.responseByteCount == sent.utf8.count && !sent.isEmpty)
        #expect(run.outputHash == sha256("Hello"))
    }

    @Test func `a chunk that waits for the run's end is no part of the bytes, but of the words`() async throws {
        let last = ChunkStub.event(
            #"{"choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3}}"#)
        let (run, sent) = try await finish(
            ChunkStub.content("Hel"), last, ": ping\n\n", ChunkStub.done, showsUsage: true)
        #expect(sent == ChunkStub.content("Hel", model: "cat") + ": ping\n\n")
        #expect(run.responseHash == sha256(sent) && run.responseByteCount == sent.utf8.count)
        #expect(run.outputHash == sha256("Hello"))
        #expect(try await finish(last, ChunkStub.done, showsUsage: true).run.outputHash == sha256("lo"))
    }

    @Test func `a client that left has got what was passed on`() async throws {
        let last = ChunkStub.event(
            #"{"choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3}}"#)
        let (run, sent) = try await finish(
            ChunkStub.content("Hel"), last, "data: {\"choices\":[", showsUsage: true, error: .cancelled)
        #expect(run.outcome == .interrupted)
        #expect(run.responseHash == sha256(sent) && run.responseByteCount == sent.utf8.count)
        #expect(run.outputHash == sha256("Hel"))
    }

    @Test func `a stream that breaks off ends with the error event that the client gets`() async throws {
        let (run, sent) = try await finish(
            ChunkStub.content("Hel"), ChunkStub.usage(), showsUsage: true, error: .brokenOff)
        #expect(sent == ChunkStub.content("Hel", model: "cat") + ChunkStub.usage(model: "cat") + ChunkStub.event("{}"))
        #expect(run.outcome == .upstreamError)
        #expect(run.responseHash == sha256(sent) && run.responseByteCount == sent.utf8.count)
        #expect(run.outputHash == sha256("Hel"))
    }

    @Test func `what a failing event says is not passed on, and no part of the words`() async throws {
        let failing = ChunkStub.event(#"{"choices":[{"index":0,"delta":{"content":"lo"}}],"error":{"message":"no"}}"#)
        let (run, _) = try await finish(ChunkStub.content("Hel"), failing, error: .brokenOff)
        #expect(run.outputHash == sha256("Hel"))
    }

    @Test func `a client that left before the first byte has got nothing`() async throws {
        let begun = HTTPText.streamHead + HTTPText.chunk(ChunkStub.content("Hello"))
        try await withGateway([.send(begun), .wait]) { stub in
            let stream = try await stub.stream()
            _ = await stream.finish(
                StreamEnding(stream.start.editor, error: .cancelled, delivered: DeliveredBytes(), firstByteAt: nil))
            let run = try #require(stub.account.lastRun)
            #expect(run.outcome == .interrupted)
            #expect(run.responseHash == sha256("") && run.responseByteCount == 0 && run.outputHash == sha256(""))
        }
    }

    @Test func `what was read to know that there is a stream counts`() async throws {
        let begun = HTTPText.streamHead + HTTPText.chunk(ChunkStub.content("Hello"))
        try await withGateway([.send(begun), .wait]) { stub in
            let stream = try await stub.stream()
            var delivered = DeliveredBytes()
            delivered.append(stream.start.bytes)
            _ = await stream.finish(
                StreamEnding(stream.start.editor, error: .cancelled, delivered: delivered, firstByteAt: nil))
            #expect(stub.account.lastRun?.outputHash == sha256("Hello"))
        }
    }
}
