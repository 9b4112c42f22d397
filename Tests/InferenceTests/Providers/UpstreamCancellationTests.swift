import Testing

@testable import Inference

/// However a call ends early, its connection is closed, which the upstream sees.
@Suite(.timeLimit(.minutes(5)))
struct UpstreamCancellationTests {
    private let firstEvent = ScriptedUpstream.Step.send(HTTPText.streamHead + HTTPText.chunk("data: 1\n\n"))

    @Test func `a call cancelled before its answer ends`() async throws {
        try await withUpstream([.wait]) { client, upstream in
            let call = Task { try await client.send(.stub()) }
            _ = await upstream.request()
            call.cancel()
            await #expect(throws: InferenceError(.cancelled, "")) { try await call.value }
            #expect(await upstream.event() == .closed)
        }
    }

    @Test func `a stream cancelled while its reader waits ends`() async throws {
        try await withUpstream([firstEvent, .wait]) { client, upstream in
            let (started, start) = AsyncStream<Void>.makeStream()
            let call = Task {
                var body = try await client.send(.stub(expecting: .eventStream)).body.makeAsyncIterator()
                _ = try await body.next()
                start.yield()
                return try await body.next()
            }
            for await _ in started { break }
            call.cancel()
            await #expect(throws: InferenceError(.cancelled, "")) { try await call.value }
            #expect(await upstream.event { $0 == .closed } == .closed)
        }
    }

    @Test func `a stream cancelled while its reader is busy ends with the next read`() async throws {
        try await withUpstream([firstEvent, .drip(HTTPText.chunk("data: 2\n\n"))]) { client, upstream in
            let call = Task {
                var body = try await client.send(.stub(expecting: .eventStream)).body.makeAsyncIterator()
                _ = try await body.next()
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                return try await body.next()
            }
            await #expect(throws: InferenceError(.cancelled, "")) { try await call.value }
            #expect(await upstream.event { $0 == .closed } == .closed)
        }
    }

    @Test func `a body that is let go ends its call`() async throws {
        try await withUpstream([firstEvent, .wait]) { client, upstream in
            _ = try await client.send(.stub(expecting: .eventStream))
            #expect(await upstream.event { $0 == .closed } == .closed)
        }
    }

    @Test func `a body that is let go while the upstream pauses ends its call`() async throws {
        try await withUpstream([.send(HTTPText.streamHead), .flood(32 << 20)]) { client, upstream in
            do {
                let response = try await client.send(.stub(expecting: .eventStream))
                _ = await upstream.event { if case .stalled = $0 { true } else { false } }
                #expect(response.status == 200)
            }
            #expect(await upstream.event { $0 == .closed } == .closed)
        }
    }

    @Test func `a call in a task that is cancelled already does not wait for an answer`() async throws {
        try await withUpstream([.wait]) { client, _ in
            let call = Task {
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                return try await client.send(.stub())
            }
            await #expect(throws: InferenceError(.cancelled, "")) { try await call.value }
        }
    }

    @Test func `a call that ended early does not harm the next one`() async throws {
        try await withUpstream([firstEvent, .wait], [.send(HTTPText.json("{}"))]) { client, _ in
            _ = try await client.send(.stub(expecting: .eventStream))
            #expect(try await client.send(.stub()).body.text() == "{}")
        }
    }
}
