import Inference
import OTLP
import Testing

struct ServerSpanTests {
    private func span(of run: InferenceRun, recordID: String? = nil) throws -> DecodedSpan {
        let request = RunSpans.request(for: run, environment: "test", version: "1.2.3", recordID: recordID)
        return try #require(try DecodedRequest(request).spans.first)
    }

    @Test func `it stands where the run stands in its trace`() throws {
        let trace = RunTrace.stub(parentSpanID: SpanID(rawValue: 0xC1), traceState: "vendor=1,other=2")
        let span = try span(of: .stub(trace: trace))
        #expect(span.traceID == "0102030405060708090a0b0c0d0e0f10")
        #expect(span.spanID == "00000000000000a1")
        #expect(span.parentSpanID == "00000000000000c1")
        #expect(span.traceState == "vendor=1,other=2")
        #expect(span.kind == 2)
        #expect(span.start == "1000000000")
        #expect(span.end == "3000000000")
    }

    @Test(arguments: [(true, true, 0x301), (true, false, 0x300), (false, true, 0x101), (false, false, 0x100)])
    func `its flags tell whether it is sampled and whether its parent is another process's`(
        hasParent: Bool, isSampled: Bool, flags: Int
    ) throws {
        let parent = hasParent ? SpanID(rawValue: 0xC1) : nil
        let span = try span(of: .stub(trace: .stub(parentSpanID: parent, isSampled: isSampled)))
        #expect(span.flags == flags)
        #expect((span.parentSpanID != nil) == hasParent)
    }

    @Test(arguments: [
        (InferenceRun.Operation.chat, "chat", "/v1/chat/completions"),
        (.textCompletion, "text_completion", "/v1/completions"), (.embeddings, "embeddings", "/v1/embeddings"),
    ])
    func `its name and path are those of the operation`(
        operation: InferenceRun.Operation, name: String, path: String
    ) throws {
        let span = try span(of: .stub(operation, model: "my/model"))
        #expect(span.name == "\(name) my/model")
        #expect(span.attributes["gen_ai.operation.name"] == .string(name))
        #expect(span.attributes["url.path"] == .string(path))
    }

    @Test func `it tells everything of a run that has everything`() throws {
        let prompt = try #require(PromptVersion("support@v2"))
        let run = InferenceRun.stub(isStream: true, promptVersion: prompt) { run in
            run.usage = .stub(input: 120, output: 80, cached: 100, reasoning: 30)
            run.usage?.isEstimated = true
            run.cost = 1_234_567
            run.responseID = "chatcmpl-1"
            run.responseModel = "Llama-4"
            run.finishReasons = ["stop", "length"]
            run.firstByteAt = 1_750_000_000
        }
        #expect(
            try span(of: run, recordID: "vaas_1").attributes == [
                "http.request.method": "POST", "url.path": "/v1/chat/completions", "http.response.status_code": 200,
                "gen_ai.operation.name": "chat", "gen_ai.provider.name": "near", "gen_ai.request.model": "llama",
                "gen_ai.request.stream": true, "gen_ai.response.model": "Llama-4",
                "gen_ai.response.id": "chatcmpl-1", "gen_ai.response.finish_reasons": ["stop", "length"],
                "gen_ai.response.time_to_first_chunk": 0.75, "gen_ai.usage.input_tokens": 120,
                "gen_ai.usage.output_tokens": 80, "gen_ai.usage.cache_read.input_tokens": 100,
                "gen_ai.usage.reasoning.output_tokens": 30, "batchin.run_id": "run_0123456789abcdefghij",
                "batchin.record_id": "vaas_1", "batchin.route_id": "route-1",
                "batchin.prompt.version": "support@v2", "batchin.outcome": "ok",
                "batchin.cost_usd": "0.001234567", "batchin.usage.estimated": true,
            ])
    }

    @Test func `it leaves out what a run does not have`() throws {
        let run = InferenceRun.stub(attempts: []) { run in
            run.status = 402
            run.outcome = .rejected
            run.errorCode = "payment_required"
            run.firstByteAt = 2_000_000_000
        }
        #expect(
            try span(of: run).attributes == [
                "http.request.method": "POST", "url.path": "/v1/chat/completions", "http.response.status_code": 402,
                "gen_ai.operation.name": "chat", "gen_ai.request.model": "llama",
                "batchin.run_id": "run_0123456789abcdefghij", "batchin.route_id": "route-1",
                "batchin.prompt.version": "default", "batchin.outcome": "rejected",
            ])
    }

    @Test func `counts of zero are left out`() throws {
        let attributes = try span(of: .stub { $0.usage = .stub(input: 5, output: 0) }).attributes
        #expect(attributes["gen_ai.usage.input_tokens"] == 5)
        #expect(attributes.keys.count { $0.hasPrefix("gen_ai.usage.") } == 1)
        #expect(attributes["batchin.usage.estimated"] == nil)
    }

    @Test(arguments: [
        (1, "0.000000001"), (20_000_000, "0.02"), (1_000_000_000, "1"), (12_500_000_000, "12.5"),
        (100_000_000_001, "100.000000001"), (Int64.max, "9223372036.854775807"), (-1_500_000_000, "-1.5"),
        (Int64.min, "-9223372036.854775808"),
    ])
    func `the cost is exact`(nanoDollars: Int64, text: String) throws {
        let attributes = try span(of: .stub { $0.cost = nanoDollars }).attributes
        #expect(attributes["batchin.cost_usd"] == .string(text))
    }

    @Test(arguments: [
        (InferenceRun.Outcome.upstreamError, 502, "upstream_error"), (.timeout, 504, "upstream_timeout"),
        (.rejected, 503, "service_unavailable"), (.upstreamError, 200, "upstream_error"),
        (.timeout, 200, "upstream_timeout"),
    ])
    func `a run that failed is an error`(outcome: InferenceRun.Outcome, status: Int, code: String) throws {
        let attempt = AttemptRecord.stub(status: nil, errorType: "x", errorMessage: "the provider took too long")
        let span = try span(
            of: .stub(attempts: outcome == .rejected ? [] : [attempt]) { run in
                run.outcome = outcome
                run.status = status
                run.errorCode = code
            })
        #expect(span.statusCode == 2)
        #expect(span.statusMessage == (outcome == .rejected ? nil : "the provider took too long"))
        #expect(span.attributes["error.type"] == .string(code))
        #expect(span.attributes["batchin.outcome"] == .string(outcome.rawValue))
    }

    @Test(arguments: [
        (InferenceRun.Outcome.timeout, 504, "timeout"), (.upstreamError, 200, "upstream_error"), (.ok, 500, "500"),
    ])
    func `an error without a code is told by its outcome or its status`(
        outcome: InferenceRun.Outcome, status: Int, type: String
    ) throws {
        let span = try span(
            of: .stub { run in
                run.outcome = outcome
                run.status = status
            })
        #expect(span.statusCode == 2)
        #expect(span.attributes["error.type"] == .string(type))
    }

    @Test(arguments: [
        (InferenceRun.Outcome.ok, 200), (.rejected, 402), (.rejected, 429), (.upstreamError, 400),
        (.upstreamError, 429), (.interrupted, 200), (.interrupted, 499), (.interrupted, 503),
    ])
    func `a mistake of the caller, and a caller who goes away, are no error of the gateway`(
        outcome: InferenceRun.Outcome, status: Int
    ) throws {
        let span = try span(
            of: .stub { run in
                run.outcome = outcome
                run.status = status
                run.errorCode = outcome == .ok ? nil : "code"
            })
        #expect(span.statusCode == nil)
        #expect(span.attributes["error.type"] == nil)
        #expect(span.attributes["http.response.status_code"] == .int(Int64(status)))
        #expect(span.attributes["batchin.outcome"] == .string(outcome.rawValue))
    }
}
