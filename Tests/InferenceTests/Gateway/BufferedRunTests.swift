import Crypto
import Testing

@testable import Inference

@Suite(.timeLimit(.minutes(5)))
struct BufferedRunTests {
    @Test func `a whole answer is settled before it is given out, for what the provider reported`() async throws {
        try await withGateway(AnswerStub.served) { stub in
            let answer = try await stub.whole()
            #expect(stub.account.history == ["reserved", "settled ok"])
            let (run, body) = try #require(stub.account.lastSettlement)
            #expect(body == answer.body)
            #expect(String(decoding: answer.body, as: UTF8.self).contains(#""model":"chat""#))
            #expect(run.usage == .stub(input: 3, output: 4, cached: 1))
            #expect(run.cost == AnswerStub.cost)
            #expect(answer.run.id == run.id && answer.run.cost == run.cost)
        }
    }

    @Test func `a run says what was asked, who answered, and when`() async throws {
        try await withGateway(AnswerStub.served) { stub in
            let answer = try await stub.whole()
            let run = try #require(stub.account.lastRun)
            #expect(run.operation == .chat && !run.isStream && run.model.id == "chat")
            #expect(run.trace == .stub())
            #expect(run.responseID == "c1" && run.responseModel == "up-2026" && run.finishReasons == ["stop"])
            #expect(run.status == 200 && run.errorCode == nil)
            #expect(run.requestHash == Array(SHA256.hash(data: Array(GatewayStub.chat.utf8))))
            #expect(run.responseHash == Array(SHA256.hash(data: answer.body)))
            let attempt = try #require(run.attempts.first)
            #expect(run.attempts.count == 1 && run.provider == "near")
            #expect(attempt.model == "up" && attempt.status == 200 && attempt.errorType == nil)
            #expect(attempt.server?.host == "127.0.0.1")
            let times = [
                run.startedAt, attempt.startedAt, attempt.endedAt, try #require(run.firstByteAt), run.completedAt,
            ]
            #expect(times == times.sorted())
        }
    }

    @Test func `what a provider does not report is estimated, and marked so`() async throws {
        try await withGateway([.send(HTTPText.json(AnswerStub.chat("Hello")))]) { stub in
            let usage = try #require(try await stub.whole().run.usage)
            #expect(usage.isEstimated)
            #expect(usage.inputTokens > 0 && usage.outputTokens > 0)
            #expect(stub.account.lastRun?.usage == usage)
            #expect(stub.account.lastRun?.cost == usage.inputTokens * 1_000 + usage.outputTokens * 2_000)
        }
    }

    @Test func `what was used is charged even where it is more than was reserved`() async throws {
        let usage = #"{"prompt_tokens":5000000,"completion_tokens":0,"total_tokens":5000000}"#
        try await withGateway([.send(HTTPText.json(AnswerStub.chat(usage: usage)))]) { stub in
            let run = try await stub.whole().run
            #expect(run.cost == 5_000_000_000)
            #expect(run.cost > (try #require(stub.account.reserved)))
        }
    }

    @Test func `embeddings are served and cost what goes in`() async throws {
        let body =
            #"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,1]}],"model":"vec-1","usage":{"prompt_tokens":6,"total_tokens":6}}"#
        try await withGateway([.send(HTTPText.json(body))]) { stub in
            let answer = try await stub.whole(#"{"model":"vectors","input":"Hi"}"#, .embeddings)
            #expect(String(decoding: answer.body, as: UTF8.self).contains(#""model":"vectors""#))
            #expect(answer.run.operation == .embeddings)
            #expect(answer.run.responseModel == "vec-1" && answer.run.finishReasons == [])
            #expect(answer.run.usage?.inputTokens == 6 && answer.run.usage?.outputTokens == 0)
            #expect(answer.run.cost == 6_000)
            #expect(try #require(await stub.upstream.request()).hasPrefix("POST /near/embeddings "))
        }
    }

    @Test func `an answer that can't be settled is not given out, and nothing stays reserved`() async throws {
        try await withGateway(AnswerStub.served) { stub in
            stub.account.refuseSettlements()
            let failure = try await stub.failure()
            #expect(failure.reason as? AccountStub.Refusal == AccountStub.Refusal(reason: "settle"))
            #expect(failure.run.outcome == .upstreamError && failure.run.status == 402)
            #expect(stub.account.history == ["reserved", "released"])
        }
    }

    @Test func `a failure that can't be settled leaves nothing reserved either`() async throws {
        try await withGateway(AnswerStub.refusal("500 Oops"), retries: 0) { stub in
            stub.account.refuseSettlements()
            let failure = try await stub.failure()
            #expect(failure.reason as? AccountStub.Refusal == AccountStub.Refusal(reason: "settle"))
            #expect(stub.account.history == ["reserved", "released"])
        }
    }

    @Test func `the echo models are served without a network`() async throws {
        let catalogue = Catalogue(models: [], providers: [])
        let account = AccountStub()
        let gateway = InferenceGateway(
            catalogue: catalogue, router: Router(now: { 0 }), upstreams: Upstreams(catalogue, now: { 0 }),
            answerBytesMax: 1 << 20, now: { 1 }, naming: { _ in (500, "unexpected") })
        let call = try InferenceCall(.chat, body: Array(#"{"model":"echo","messages":[{"role":"user"}]}"#.utf8))
        let caller = InferenceCaller(
            account: account, trace: .stub(), promptVersion: nil, headers: [], eventLoop: nil, departure: Departure())
        guard case .buffered(let answer) = try await gateway.serve(PreparedCall(call, in: catalogue), for: caller)
        else {
            Issue.record("it is a stream")
            return
        }
        #expect(answer.run.provider == "echo" && answer.run.cost == 0 && account.reserved == 0)
    }
}
