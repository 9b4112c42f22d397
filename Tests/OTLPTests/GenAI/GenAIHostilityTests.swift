import OTLP
import Testing

struct GenAIHostilityTests {
    @Test(
        arguments: [
            [], [("http.request.method", "POST"), ("db.system", "redis")], [("gen_ai.system", "openai")],
            [("llm.provider", "openai")], [("openinference.span.kind", "CHAIN")], [("traceloop.span.kind", "task")],
            [("traceloop.workflow.name", "w")], [("gen_ai.usage.input_tokens", "12")], [("gen_ai.request.model", "")],
            [("gen_ai.request.mode", "m")], [("xgen_ai.request.model", "m")],
            [("gen_ai.response.finish_reasons", ["stop"])],
            [("gen_ai.completion.0.finish_reason", "stop")],
        ] as [[(String, GenAISpan.Value)]])
    func `a span that tells of no call has no view`(attributes: [(String, GenAISpan.Value)]) {
        #expect(GenAISpan(attributes).view == nil)
    }

    @Test(arguments: [[], [0xFF], [0x4A, 0x7F], [0x4A, 0x03, 0x0A, 0x7F, 0x41], [UInt8](repeating: 0x4B, count: 9)])
    func `bytes that are no span have no view`(bytes: [UInt8]) {
        #expect(bytes.withBytes { GenAISpanView(span: $0) } == nil)
    }

    @Test func `a name of unlikely length is not told`() throws {
        let name = String(repeating: "m", count: 256)
        let view = try #require(
            GenAISpan([
                ("gen_ai.request.model", .string(name)), ("gen_ai.response.model", .string(name + "m")),
                ("gen_ai.response.finish_reasons", .array([.string(name + "m"), "stop", 7, ["length"], .none])),
            ]).view)
        #expect(view.requestModel == name)
        #expect(view.responseModel == nil)
        #expect(view.finishReasons == ["stop"])
    }

    @Test func `a name that can't be read gives way to the next`() throws {
        let view = try #require(
            GenAISpan(["gen_ai.request.model": 7, "llm.model_name": "m", "gen_ai.response.model": ["m"]]).view)
        #expect(view.requestModel == "m")
        #expect(view.responseModel == "m")
    }

    @Test func `there are 128 finish reasons at most`() throws {
        let many = GenAISpan.Value.array(Array(repeating: "stop", count: 500))
        #expect(
            GenAISpan([("gen_ai.request.model", "m"), ("gen_ai.response.finish_reasons", many)]).view?.finishReasons
                .count
                == 128)
        let choices = (0..<500).map { ("gen_ai.completion.\($0).finish_reason", GenAISpan.Value.string("stop")) }
        #expect(GenAISpan([("gen_ai.request.model", "m")] + choices).view?.finishReasons.count == 128)
    }

    @Test(arguments: [
        "gen_ai.completion..finish_reason", "gen_ai.completion.x.finish_reason", "gen_ai.completion.-1.finish_reason",
        "gen_ai.completion.10000.finish_reason", "gen_ai.completion.finish_reason",
        "gen_ai.completion.0.finish_reasons",
        "gen_ai_completion.0.finish_reason",
    ])
    func `a choice has a number`(key: String) {
        #expect(GenAISpan([("gen_ai.request.model", "m"), (key, "stop")]).view?.finishReasons == [])
    }

    @Test func `whatever the values, no view is out of bounds`() {
        let keys = [
            GenAIDialectTests.current, GenAIDialectTests.deprecated, GenAIDialectTests.openInference,
            GenAIDialectTests.traceloop,
        ]
        var random = SplitMix(state: 20_260_923)
        var viewCount = 0
        for round in 0..<20_000 {
            var bytes = keys[round % keys.count].bytes
            for _ in 0..<1 + random.next() % 4 {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            guard let view = bytes.withBytes({ GenAISpanView(span: $0) }) else { continue }
            viewCount += 1
            let counts = [view.inputTokens, view.outputTokens, view.cachedInputTokens, view.reasoningTokens]
            #expect(counts.allSatisfy { 0...3_000_000_000 ~= $0 ?? 0 })
            #expect((view.cachedInputTokens ?? 0) <= view.inputTokens ?? .max)
            #expect((view.reasoningTokens ?? 0) <= view.outputTokens ?? .max)
        }
        #expect(viewCount > 5_000)
    }

    /// https://prng.di.unimi.it/splitmix64.c
    private struct SplitMix {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }
}
