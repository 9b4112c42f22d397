import OTLP
import Testing

@testable import Inference

/// What providers get to see of a call.
@Suite(.timeLimit(.minutes(5)))
struct ProviderRequestTests {
    @Test func `every attempt has a span of its own in the caller's trace`() async throws {
        try await withGateway(AnswerStub.refusal("500 Oops"), AnswerStub.served) { stub in
            let trace = RunTrace.stub(parentSpanID: SpanID(rawValue: 5), traceState: "a=b")
            _ = try await stub.serve(GatewayStub.chat, trace: trace)
            let run = try #require(stub.account.lastRun)
            #expect(run.attempts.count == 2)
            for attempt in run.attempts {
                let request = try #require(await stub.upstream.request())
                #expect(request.contains("traceparent: 00-\(trace.traceID.hex)-\(attempt.spanID.hex)-01\r\n"))
                #expect(request.contains("tracestate: a=b\r\n"))
                #expect(attempt.spanID != trace.spanID && attempt.spanID.rawValue != 0)
            }
        }
    }

    @Test func `a trace that is not sampled is not on its way up either`() async throws {
        try await withGateway(AnswerStub.served) { stub in
            _ = try await stub.serve(GatewayStub.chat, trace: .stub(isSampled: false))
            let request = try #require(await stub.upstream.request())
            #expect(request.firstMatch(of: /traceparent: 00-\w{32}-\w{16}-00\r\n/) != nil)
            #expect(!request.contains("tracestate"))
        }
    }

    @Test func `a caller's credentials stay here`() async throws {
        let own = [
            "Authorization": "Bearer caller", "Cookie": "caller=1", "X-BatchIn-Prompt-Version": "caller",
            "X-Api-Key": "caller", "traceparent": "00-caller", "X-Forwarded-For": "caller",
        ]
        try await withGateway(AnswerStub.served) { stub in
            let headers = own.map { HeaderField($0.key, $0.value) } + [HeaderField("X-Custom", "passed on")]
            _ = try await stub.serve(GatewayStub.chat, headers: headers)
            let request = try #require(await stub.upstream.request())
            #expect(!request.contains("caller"))
            #expect(request.contains("X-Custom: passed on\r\n"))
            #expect(request.contains("Authorization: Bearer sk-of-near\r\n"))
            #expect(request.contains("X-Team: \(GatewayStub.secret)\r\n"))
        }
    }

    @Test func `the body goes up as it came but for the model's name`() async throws {
        try await withGateway(AnswerStub.served) { stub in
            let body = #"{ "messages":[{"role":"user"}],"unknown" : [1.0], "model":"chat" }"#
            _ = try await stub.serve(body)
            let request = try #require(await stub.upstream.request())
            #expect(request.hasSuffix("\r\n\r\n" + body.replacing(#""chat""#, with: #""up""#)))
        }
    }

    @Test func `a stream is asked for as one, with usage`() async throws {
        try await withGateway(AnswerStub.stream(ChunkStub.content("a"), ChunkStub.done)) { stub in
            _ = try await stub.serve(GatewayStub.stream)
            let request = try #require(await stub.upstream.request())
            #expect(request.contains("Accept: text/event-stream\r\n"))
            #expect(request.contains(#""stream_options":{"include_usage":true}"#))
        }
    }
}
