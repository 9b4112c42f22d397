import Testing

@testable import Inference

@Suite(.timeLimit(.minutes(5)))
struct FallbackTests {
    @Test(arguments: [
        AnswerStub.refusal("500 Oops"), AnswerStub.refusal("503 Busy"), AnswerStub.refusal("401 Who"),
        AnswerStub.refusal("404 What"), AnswerStub.refusal("429 Slow"), [.close], [.reset],
        [.send(HTTPText.json("")), .close], [.send(HTTPText.json("so much for JSON"))],
        [.send(HTTPText.json(#"{"id":"c1","choices":null}"#))],
        [.send(HTTPText.json(#"{"error":{"message":"in spite of the status"}}"#))],
        [.send(HTTPText.answer("<html>", headers: ["Content-Type: text/html"]))],
    ])
    func `where one provider fails the next one serves the call`(script: [ScriptedUpstream.Step]) async throws {
        try await withGateway(script, AnswerStub.served) { stub in
            let run = try await stub.whole().run
            #expect(stub.account.history == ["reserved", "settled ok"])
            #expect(run.attempts.map(\.provider) == ["near", "far"])
            #expect(run.provider == "far" && run.status == 200 && run.errorCode == nil)
            #expect(run.cost == AnswerStub.cost)
            #expect(run.attempts[0].errorType != nil && run.attempts[0].errorMessage != nil)
            #expect(run.attempts[1].errorType == nil && run.attempts[1].errorMessage == nil)
            #expect(run.attempts[0].spanID != run.attempts[1].spanID)
        }
    }

    @Test func `an attempt that failed says with which status, or by which word`() async throws {
        let scripts = [AnswerStub.refusal("500 Oops", "out of order"), [.send(HTTPText.json("{"))], [.close]]
        let expected = [(500, "500"), (200, "upstream_error"), (nil, "upstream_error")]
        for (script, (status, errorType)) in zip(scripts, expected) {
            try await withGateway(script, AnswerStub.served) { stub in
                let attempt = try await stub.whole().run.attempts[0]
                #expect(attempt.status == status)
                #expect(attempt.errorType == errorType)
            }
        }
    }

    @Test(arguments: ["400 Bad", "413 Large", "422 Wrong"])
    func `what a provider finds wrong with the call is final`(status: String) async throws {
        try await withGateway(AnswerStub.refusal(status), AnswerStub.served) { stub in
            let failure = try await stub.failure()
            #expect(failure.run.attempts.count == 1)
            #expect(stub.account.history == ["reserved", "settled upstream_error"])
            #expect(stub.account.lastRun?.cost == 0 && stub.account.lastRun?.usage == nil)
        }
    }

    @Test func `the caller reads what the provider says, without secrets`() async throws {
        let message = "messages is wrong for \(GatewayStub.secret) with sk-of-near"
        try await withGateway(AnswerStub.refusal("400 Bad", message)) { stub in
            let error = try #require(try await stub.failure().inferenceError)
            #expect(error.message.contains("messages is wrong"))
            #expect(error.parameter == "messages")
            for secret in [GatewayStub.secret, "sk-of-near"] {
                #expect(!error.message.contains(secret) && !error.detail.contains(secret))
                #expect(stub.account.lastRun?.attempts.first?.errorMessage?.contains(secret) == false)
            }
        }
    }

    @Test(arguments: [
        ("400 Bad", InferenceError.Code.invalidRequest, 400), ("422 Wrong", .invalidRequest, 400),
        ("413 Large", .requestTooLarge, 413), ("429 Slow", .upstreamRateLimited, 429),
        ("408 Late", .upstreamTimeout, 504), ("504 Late", .upstreamTimeout, 504), ("500 Oops", .upstreamError, 502),
        ("401 Who", .upstreamRefused, 502),
        ("404 What", .upstreamRefused, 502), ("302 There", .upstreamError, 502),
    ])
    func `every status of a provider has its meaning`(
        status: String, code: InferenceError.Code, ownStatus: Int
    ) async throws {
        try await withGateway(AnswerStub.refusal(status), retries: 0) { stub in
            let failure = try await stub.failure()
            #expect(failure.inferenceError?.code == code)
            let run = try #require(stub.account.lastRun)
            #expect(run.status == ownStatus && failure.run.status == ownStatus)
            #expect(run.outcome == (code == .upstreamTimeout ? .timeout : .upstreamError))
            #expect(run.attempts.map(\.status) == [Int(status.prefix(3))])
            #expect(failure.inferenceError?.message.contains("the provider") == true)
        }
    }

    @Test(arguments: [("Retry-After: 7", 7), ("Retry-After-Ms: 1500", 2), ("Retry-After: 0", 1), ("X-Nothing: 1", nil)])
    func `for how long a provider wants to be left alone is passed on`(header: String, seconds: Int?) async throws {
        try await withGateway(AnswerStub.refusal("429 Slow", headers: header), retries: 0) { stub in
            let failure = try await stub.failure()
            #expect(failure.inferenceError?.retryAfterSeconds == seconds)
        }
    }

    @Test(arguments: ["Retry-After: 99999999999999999999", "Retry-After-Ms: 99999999999999999999"])
    func `a provider can't ask to be left alone for ever`(header: String) async throws {
        try await withGateway(AnswerStub.refusal("429 Slow", headers: header), retries: 0) { stub in
            let seconds = try #require(try await stub.failure().inferenceError?.retryAfterSeconds)
            #expect(seconds == 3_600)
        }
    }

    @Test func `when all fail, the last failure is told`() async throws {
        try await withGateway(AnswerStub.refusal("500 Oops"), AnswerStub.refusal("429 Slow", "later")) { stub in
            let failure = try await stub.failure()
            #expect(failure.inferenceError?.code == .upstreamRateLimited)
            #expect(failure.run.attempts.map(\.status) == [500, 429])
            #expect(stub.account.history == ["reserved", "settled upstream_error"])
            #expect(stub.account.lastRun?.errorCode == "rate_limited")
        }
    }

    @Test func `an answer that is larger than any may be is a failure`() async throws {
        try await withGateway(AnswerStub.served, retries: 0, answerBytesMax: 50) { stub in
            let failure = try await stub.failure()
            #expect(failure.inferenceError?.code == .upstreamError)
        }
    }

    @Test func `an error's page of any length is not waited for`() async throws {
        let page = String(repeating: "x", count: 1 << 20)
        try await withGateway(AnswerStub.refusal("500 Oops", page), AnswerStub.served) { stub in
            let run = try await stub.whole().run
            #expect(run.attempts[0].errorMessage == "the provider failed with status 500")
        }
    }
}
