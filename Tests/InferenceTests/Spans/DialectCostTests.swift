import Inference
import OTLP
import Testing

struct DialectCostTests {
    /// 1,200 tokens in, 1,024 of them from the cache; 400 out, 100 of them reasoning.
    private static let dialects: [[(String, Value)]] = [
        [
            ("gen_ai.provider.name", .text("openai")), ("gen_ai.request.model", .text("gpt-5")),
            ("gen_ai.usage.input_tokens", .count(1200)), ("gen_ai.usage.cache_read.input_tokens", .count(1024)),
            ("gen_ai.usage.output_tokens", .count(400)), ("gen_ai.usage.reasoning.output_tokens", .count(100)),
        ],
        [
            ("gen_ai.system", .text("openai")), ("gen_ai.request.model", .text("gpt-5")),
            ("gen_ai.usage.prompt_tokens", .count(1200)), ("gen_ai.usage.cache_read_input_tokens", .count(1024)),
            ("gen_ai.usage.completion_tokens", .count(400)),
        ],
        [
            ("openinference.span.kind", .text("LLM")), ("llm.model_name", .text("gpt-5")),
            ("llm.token_count.prompt", .count(1200)),
            ("llm.token_count.prompt_details.cache_read", .count(1024)), ("llm.token_count.completion", .count(400)),
            ("llm.token_count.completion_details.reasoning", .count(100)), ("llm.token_count.total", .count(1600)),
        ],
        [
            ("llm.request.type", .text("chat")), ("gen_ai.system", .text("OpenAI")),
            ("gen_ai.request.model", .text("gpt-5")), ("gen_ai.usage.prompt_tokens", .count(1200)),
            ("gen_ai.usage.cache_read_input_tokens", .count(1024)), ("gen_ai.usage.completion_tokens", .count(400)),
            ("llm.usage.total_tokens", .count(1600)), ("traceloop.workflow.name", .text("support")),
        ],
    ]

    private enum Value {
        case text(String)
        case count(Int64)
    }

    @Test func `one call costs the same in every dialect`() throws {
        var pricing = Pricing()
        pricing.standardInput = Price(decimalText: "1.25")
        pricing.cachedInput = Price(decimalText: "0.125")
        pricing.standardOutput = Price(decimalText: "10")
        let costs = try Self.dialects.map { attributes in
            let view = try #require(Self.view(of: attributes))
            #expect(view.requestModel == "gpt-5")
            return try pricing.cost(of: view)
        }
        // 176 at 1.25 $, 1,024 at 0.125 $ and 400 at 10 $ a million.
        #expect(costs == Array(repeating: 220_000 + 128_000 + 4_000_000, count: 4))
    }

    @Test func `the gateway's own spans read like anybody's`() throws {
        let run = InferenceRun.stub { run in
            run.usage = .stub(input: 1200, output: 400, cached: 1024, reasoning: 100)
            run.responseModel = "Llama-4"
            run.finishReasons = ["stop"]
        }
        let request = RunSpans.request(for: run, environment: "test", version: "1")
        let spans = try TraceRequestWalker.walk(request).spans
        #expect(spans.count == 2)
        for span in spans {
            let view = try #require(Array(request[span.bytes]).withBytes { GenAISpanView(span: $0) })
            #expect(view.dialect == .current)
            #expect(view.operation == "chat")
            #expect(view.provider == "near")
            #expect(view.requestModel == "llama")
            #expect(view.responseModel == "Llama-4")
            #expect(view.inputTokens == 1200)
            #expect(view.cachedInputTokens == 1024)
            #expect(view.outputTokens == 400)
            #expect(view.reasoningTokens == 100)
            #expect(view.finishReasons == ["stop"])
        }
    }

    private static func view(of attributes: [(String, Value)]) -> GenAISpanView? {
        var writer = WireWriter()
        for (key, value) in attributes {
            switch value {
            case .text(let text): writer.spanAttribute(key, text)
            case .count(let count): writer.spanAttribute(key, count)
            }
        }
        return writer.bytes.withBytes { GenAISpanView(span: $0) }
    }
}

extension Pricing {
    fileprivate func cost(of view: GenAISpanView) throws -> Int64 {
        try cost(
            inputTokens: view.inputTokens ?? 0, cachedInputTokens: view.cachedInputTokens ?? 0,
            outputTokens: view.outputTokens ?? 0)
    }
}
