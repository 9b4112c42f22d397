import Testing

@testable import Inference

@Suite(.timeLimit(.minutes(5)))
struct StreamStartTests {
    private static let served = AnswerStub.stream(
        ChunkStub.content("Hello"), ChunkStub.finish(), ChunkStub.usage(), ChunkStub.done)

    @Test(arguments: [
        AnswerStub.refusal("500 Oops"), [.close], [.send(HTTPText.streamHead), .close],
        [.send(HTTPText.streamHead + HTTPText.lastChunk)],
        [.send(HTTPText.streamHead + HTTPText.chunk(": thinking\n\n")), .reset],
        AnswerStub.stream(": thinking\n\n"), AnswerStub.stream(ChunkStub.done),
        AnswerStub.stream(ChunkStub.event(#"{"error":{"message":"too busy"}}"#)), AnswerStub.stream("data: {\n\n"),
        AnswerStub.served,
    ])
    func `until the first chunk another provider can be asked`(script: [ScriptedUpstream.Step]) async throws {
        try await withGateway(script, Self.served) { stub in
            let stream = try await stub.stream()
            #expect(stream.run.attempts.map(\.provider) == ["near", "far"])
            #expect(stream.run.attempts[0].errorType != nil && stream.run.attempts[1].errorType == nil)
            #expect(stream.run.isStream && stream.run.outcome == .ok)
            let begun = String(decoding: stream.start.bytes, as: UTF8.self)
            #expect(begun.hasPrefix(ChunkStub.content("Hello", model: "chat")))
            // Nothing is recorded before the stream has ended.
            #expect(stub.account.history == ["reserved"])
        }
    }

    @Test func `after the first chunk no other provider is asked`() async throws {
        let failure = ChunkStub.event(#"{"error":{"message":"too busy"}}"#)
        try await withGateway(AnswerStub.stream(ChunkStub.content("Hello") + failure), Self.served) { stub in
            let stream = try await stub.stream()
            #expect(stream.run.attempts.map(\.provider) == ["near"])
            #expect(stream.start.editor.failure?.code == .upstreamError)
            #expect(
                String(decoding: stream.start.bytes, as: UTF8.self) == ChunkStub.content("Hello", model: "chat"))
        }
    }

    @Test func `what comes before the first chunk reaches the client too`() async throws {
        let pieces = ["data: {\"id\":\"c1\",\"mod", "el\":\"up\",\"choices\":[]}\n\n"]
        let script: [ScriptedUpstream.Step] = [
            .send(HTTPText.streamHead + HTTPText.chunk(": thinking\n\n")), .wait, .send(HTTPText.chunk(pieces[0])),
            .wait, .send(HTTPText.chunk(pieces[1])), .wait,
        ]
        try await withGateway(script) { stub in
            let call = Task { try await stub.stream() }
            _ = await stub.upstream.request()
            stub.upstream.proceed()
            stub.upstream.proceed()
            let text = String(decoding: try await call.value.start.bytes, as: UTF8.self)
            #expect(text == ": thinking\n\ndata: {\"id\":\"c1\",\"model\":\"chat\",\"choices\":[]}\n\n")
        }
    }

    @Test func `a stream that no provider begins fails as any other call`() async throws {
        try await withGateway(AnswerStub.stream(": thinking\n\n")) { stub in
            let failure = try await stub.failure(GatewayStub.stream)
            #expect(failure.inferenceError?.code == .upstreamError)
            #expect(failure.run.attempts.count == 2)
            #expect(stub.account.history == ["reserved", "settled upstream_error"])
            #expect(stub.account.lastRun?.cost == 0)
        }
    }
}
