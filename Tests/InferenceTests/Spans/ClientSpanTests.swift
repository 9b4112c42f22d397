import Inference
import OTLP
import Testing

struct ClientSpanTests {
    private func spans(of run: InferenceRun) throws -> [DecodedSpan] {
        let request = RunSpans.request(for: run, environment: "test", version: "1.2.3", recordID: "vaas_1")
        return Array(try DecodedRequest(request).spans.dropFirst())
    }

    @Test func `it is a child of the run's span`() throws {
        let trace = RunTrace.stub(parentSpanID: SpanID(rawValue: 0xC1), traceState: "vendor=1")
        let span = try #require(try spans(of: .stub(trace: trace)).first)
        #expect(span.traceID == "0102030405060708090a0b0c0d0e0f10")
        #expect(span.spanID == "00000000000000b1")
        #expect(span.parentSpanID == "00000000000000a1")
        #expect(span.traceState == "vendor=1")
        #expect(span.flags == 0x101)
        #expect(span.name == "chat llama")
        #expect(span.kind == 3)
        #expect(span.start == "1500000000")
        #expect(span.end == "2500000000")
        #expect(span.statusCode == nil)
    }

    @Test func `it is not sampled when the run is not`() throws {
        #expect(try spans(of: .stub(trace: .stub(isSampled: false))).first?.flags == 0x100)
    }

    @Test func `retries and fallbacks have a span each, and the last one has the answer`() throws {
        let run = InferenceRun.stub(
            isStream: true,
            attempts: [
                .stub(spanID: 1, status: 503, errorType: "503", errorMessage: "the provider failed"),
                .stub(
                    spanID: 2, status: nil, errorType: "upstream_timeout", errorMessage: "the provider took too long"),
                .stub(spanID: 3, provider: "far", server: .init(host: "10.0.0.7", port: 8080), model: "Llama-4-fp8"),
            ]
        ) { run in
            run.usage = .stub(input: 120, output: 80, cached: 100, reasoning: 30)
            run.cost = 7
            run.responseID = "chatcmpl-1"
            run.responseModel = "Llama-4"
            run.finishReasons = ["stop"]
            run.firstByteAt = 1_750_000_000
        }
        let spans = try spans(of: run)
        #expect(spans.map(\.spanID) == ["0000000000000001", "0000000000000002", "0000000000000003"])
        #expect(spans.map(\.statusCode) == [2, 2, nil])
        #expect(spans.map(\.statusMessage) == ["the provider failed", "the provider took too long", nil])
        let common: [String: AttributeValue] = [
            "gen_ai.operation.name": "chat", "gen_ai.request.model": "llama", "gen_ai.request.stream": true,
            "batchin.run_id": "run_0123456789abcdefghij", "batchin.route_id": "route-1",
        ]
        let near: [String: AttributeValue] = [
            "gen_ai.provider.name": "near", "server.address": "near.test", "server.port": 443,
        ]
        #expect(
            spans[0].attributes
                == common.merging(near) { $1 }.merging(["http.response.status_code": 503, "error.type": "503"]) { $1 })
        #expect(
            spans[1].attributes
                == common.merging(near) { $1 }
                .merging(["http.request.resend_count": 1, "error.type": "upstream_timeout"]) { $1 })
        #expect(
            spans[2].attributes
                == common.merging([
                    "gen_ai.provider.name": "far", "server.address": "10.0.0.7", "server.port": 8080,
                    "http.response.status_code": 200, "http.request.resend_count": 2,
                    "gen_ai.response.model": "Llama-4", "gen_ai.response.id": "chatcmpl-1",
                    "gen_ai.response.finish_reasons": ["stop"], "gen_ai.response.time_to_first_chunk": 0.25,
                    "gen_ai.usage.input_tokens": 120, "gen_ai.usage.output_tokens": 80,
                    "gen_ai.usage.cache_read.input_tokens": 100, "gen_ai.usage.reasoning.output_tokens": 30,
                    "batchin.upstream.model": "Llama-4-fp8",
                ]) { $1 })
    }

    @Test func `a provider without a network has no address`() throws {
        let span = try #require(
            try spans(of: .stub(attempts: [.stub(provider: "echo", server: nil, status: nil)])).first)
        #expect(
            span.attributes == [
                "gen_ai.operation.name": "chat", "gen_ai.provider.name": "echo", "gen_ai.request.model": "llama",
                "batchin.run_id": "run_0123456789abcdefghij", "batchin.route_id": "route-1",
            ])
    }

    @Test func `a buffered answer has no first chunk`() throws {
        let run = InferenceRun.stub { $0.firstByteAt = 2_400_000_000 }
        #expect(try spans(of: run).first?.attributes["gen_ai.response.time_to_first_chunk"] == nil)
    }

    @Test(
        arguments: [
            (400, nil, nil, "400"), (500, nil, nil, "500"), (200, nil, "cut short", "_OTHER"),
            (nil, nil, "x", "_OTHER"),
            (200, "upstream_error", "cut short", "upstream_error"), (nil, "upstream_error", nil, "upstream_error"),
        ] as [(Int?, String?, String?, String)])
    func `an attempt that failed is an error of some type`(
        status: Int?, type: String?, message: String?, expected: String
    ) throws {
        let attempt = AttemptRecord.stub(status: status, errorType: type, errorMessage: message)
        let span = try #require(try spans(of: .stub(attempts: [attempt]) { $0.outcome = .upstreamError }).first)
        #expect(span.statusCode == 2)
        #expect(span.statusMessage == message)
        #expect(span.attributes["error.type"] == .string(expected))
    }

    @Test func `an attempt broken off by the caller is no error, and those before it still are`() throws {
        let cancelled = (type: "cancelled", message: "the call was cancelled")
        let run = InferenceRun.stub(attempts: [
            .stub(status: nil, errorType: "upstream_timeout", errorMessage: "the provider took too long"),
            .stub(status: nil, errorType: cancelled.type, errorMessage: cancelled.message),
        ]) { $0.outcome = .interrupted }
        let spans = try spans(of: run)
        #expect(spans.map(\.statusCode) == [2, nil])
        #expect(spans[1].attributes["error.type"] == nil)
        #expect(spans[1].statusMessage == nil)
    }

    @Test func `a stream broken off by its provider keeps what it has told`() throws {
        let attempt = AttemptRecord.stub(errorType: "upstream_error", errorMessage: "the provider broke off its answer")
        let run = InferenceRun.stub(isStream: true, attempts: [attempt]) { run in
            run.outcome = .upstreamError
            run.usage = .stub(input: 10, output: 4)
            run.responseID = "chatcmpl-1"
        }
        let span = try #require(try spans(of: run).first)
        #expect(span.statusCode == 2)
        #expect(span.attributes["gen_ai.usage.output_tokens"] == 4)
        #expect(span.attributes["gen_ai.response.id"] == "chatcmpl-1")
    }
}
