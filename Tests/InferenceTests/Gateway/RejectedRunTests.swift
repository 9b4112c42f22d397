import Testing

@testable import Inference

@Suite(.timeLimit(.minutes(5)))
struct RejectedRunTests {
    @Test func `a call that nobody can pay for reaches no provider, and is recorded as rejected`() async throws {
        try await withGateway(AnswerStub.served) { stub in
            stub.account.refuseReservations()
            let failure = try await stub.failure()
            #expect(failure.reason as? AccountStub.Refusal == AccountStub.Refusal(reason: "reserve"))
            #expect(stub.account.history == ["rejected"])
            let run = try #require(stub.account.lastRun)
            #expect(run.outcome == .rejected && run.status == 402 && run.errorCode == "payment_required")
            #expect(run.attempts.isEmpty && run.provider == nil && run.usage == nil && run.cost == 0)
            #expect(run.responseHash == ContentHash.ofNothing)
            #expect(failure.run.id == run.id && run.completedAt > run.startedAt)

            stub.account.refuseNothing()
            _ = try await stub.whole(GatewayStub.chat.replacing("Hi", with: "the first to arrive"))
            #expect(try #require(await stub.upstream.request()).contains("the first to arrive"))
        }
    }

    @Test func `a rejection that can't be recorded fails for that`() async throws {
        try await withGateway(AnswerStub.served) { stub in
            stub.account.refuseReservations()
            stub.account.refuseRejections()
            let failure = try await stub.failure()
            #expect(failure.reason as? AccountStub.Refusal == AccountStub.Refusal(reason: "reject"))
            #expect(failure.run.outcome == .rejected)
            #expect(stub.account.history == [])
        }
    }

    @Test func `without a healthy provider a call is rejected, and told when to come again`() async throws {
        try await withGateway(AnswerStub.refusal("500 Oops"), failuresInARowMax: 1) { stub in
            #expect(try await stub.failure().run.attempts.map(\.provider) == ["near", "far"])
            let failure = try await stub.failure()
            #expect(failure.inferenceError?.code == .unavailable)
            #expect(failure.inferenceError?.retryAfterSeconds == 6)
            #expect(stub.account.history == ["reserved", "settled upstream_error", "reserved", "released", "rejected"])
            let run = try #require(stub.account.lastRun)
            #expect(run.outcome == .rejected && run.errorCode == "service_unavailable" && run.attempts.isEmpty)
        }
    }
}
