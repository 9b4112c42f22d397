import Testing

@testable import Inference

/// Whenever a caller leaves, the run is recorded, and no provider works on in vain.
@Suite(.timeLimit(.minutes(5)))
struct GatewayDepartureTests {
    private func expectInterruption(_ failure: RunFailure, _ stub: GatewayStub) throws {
        #expect(failure.inferenceError?.code == .cancelled)
        #expect(stub.account.history == ["reserved", "settled interrupted"])
        let run = try #require(stub.account.lastRun)
        #expect(run.attempts.count == 1)
        #expect(run.cost == 0 && run.usage == nil)
        let settlement = try #require(stub.account.lastSettlement)
        #expect(settlement.body == nil)
    }

    @Test func `a caller who is gone before the call costs no provider anything`() async throws {
        try await withGateway(AnswerStub.served) { stub in
            stub.departure.announce()
            let failure = try await stub.failure()
            #expect(failure.inferenceError?.code == .cancelled)
            // It reached no provider, so it is no usage.
            #expect(stub.account.history == ["reserved", "released", "rejected"])
            #expect(stub.account.lastRun?.outcome == .interrupted && stub.account.lastRun?.attempts.isEmpty == true)
        }
    }

    @Test func `a caller who leaves while a provider thinks ends the provider's call`() async throws {
        try await withGateway([.wait]) { stub in
            let call = Task { try await stub.failure() }
            _ = await stub.upstream.request()
            stub.departure.announce()
            #expect(await stub.upstream.event() == .closed)
            try expectInterruption(try await call.value, stub)
        }
    }

    @Test func `a caller who leaves in the middle of a whole answer ends the provider's call`() async throws {
        let half = HTTPText.answer(
            String(repeating: " ", count: 100), headers: ["Content-Type: application/json"]
        ).dropLast(50)
        try await withGateway([.send(String(half)), .wait]) { stub in
            let call = Task { try await stub.failure() }
            _ = await stub.upstream.request()
            stub.departure.announce()
            #expect(await stub.upstream.event { $0 == .closed } == .closed)
            try expectInterruption(try await call.value, stub)
        }
    }

    @Test func `a caller who leaves in the middle of an error ends the provider's call, and no other is asked`()
        async throws
    {
        let half = HTTPText.answer(String(repeating: " ", count: 100), status: "500 Oops", headers: []).dropLast(50)
        try await withGateway([.send(String(half)), .wait]) { stub in
            let call = Task { try await stub.failure() }
            _ = await stub.upstream.request()
            stub.departure.announce()
            #expect(await stub.upstream.event { $0 == .closed } == .closed)
            try expectInterruption(try await call.value, stub)
        }
    }

    @Test func `a task that is cancelled is a caller who leaves`() async throws {
        try await withGateway([.wait]) { stub in
            let call = Task { try await stub.failure() }
            _ = await stub.upstream.request()
            call.cancel()
            #expect(await stub.upstream.event() == .closed)
            try expectInterruption(try await call.value, stub)
        }
    }

    @Test func `a provider is not to blame for callers who leave`() async throws {
        try await withGateway([.wait], AnswerStub.served, failuresInARowMax: 1) { stub in
            let call = Task { try await stub.failure() }
            _ = await stub.upstream.request()
            call.cancel()
            _ = try await call.value
            #expect(try await stub.whole().run.provider == "near")
        }
    }
}
