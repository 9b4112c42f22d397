import OTLP
import Testing

struct GenAITokensTests {
    private typealias Attributes = KeyValuePairs<String, GenAISpan.Value>

    /// What a span tells of input, cached input, output and reasoning.
    private func tokens(_ attributes: Attributes) throws -> [Int64?] {
        let view = try #require(GenAISpan(attributes).view)
        return [view.inputTokens, view.cachedInputTokens, view.outputTokens, view.reasoningTokens]
    }

    @Test func `cached tokens are a part of the input`() throws {
        #expect(
            try tokens([
                "llm.token_count.prompt": 1000, "llm.token_count.prompt_details.cache_read": 600,
                "llm.token_count.prompt_details.cache_write": 300, "llm.token_count.completion": 50,
                "llm.token_count.total": 1050,
            ]) == [1000, 600, 50, nil])
    }

    @Test func `cached tokens that the total counts beside the input are added to it, once`() throws {
        #expect(
            try tokens([
                "llm.token_count.prompt": 1000, "llm.token_count.prompt_details.cache_read": 600,
                "llm.token_count.prompt_details.cache_write": 300, "llm.token_count.completion": 50,
                "llm.token_count.total": 1950,
            ]) == [1900, 600, 50, nil])
    }

    @Test func `more cached tokens than input are beside it`() throws {
        #expect(
            try tokens([
                "gen_ai.usage.input_tokens": 4, "gen_ai.usage.cache_read.input_tokens": 600,
                "gen_ai.usage.cache_creation.input_tokens": 300, "gen_ai.usage.output_tokens": 50,
            ]) == [904, 600, 50, nil])
        #expect(
            try tokens(["gen_ai.usage.input_tokens": 4, "gen_ai.usage.cache_write.input_tokens": 5]) == [
                9, nil, nil, nil,
            ])
    }

    @Test func `cached tokens that are beside the input for two reasons are still added once`() throws {
        #expect(
            try tokens([
                "gen_ai.usage.input_tokens": 4, "gen_ai.usage.cache_read.input_tokens": 600,
                "gen_ai.usage.output_tokens": 50, "gen_ai.usage.total_tokens": 654,
            ]) == [604, 600, 50, nil])
    }

    @Test func `reasoning that is counted beside the output is added to it`() throws {
        #expect(
            try tokens([
                "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 50,
                "gen_ai.usage.reasoning.output_tokens": 20, "gen_ai.usage.total_tokens": 80,
            ]) == [10, nil, 70, 20])
        #expect(
            try tokens(["gen_ai.usage.output_tokens": 50, "gen_ai.usage.reasoning.output_tokens": 51])
                == [nil, nil, 101, 51])
        #expect(
            try tokens([
                "gen_ai.usage.input_tokens": 10, "gen_ai.usage.cache_read.input_tokens": 5,
                "gen_ai.usage.output_tokens": 50, "gen_ai.usage.reasoning.output_tokens": 20,
                "gen_ai.usage.total_tokens": 85,
            ]) == [15, 5, 70, 20])
    }

    @Test func `a total that fits nothing changes nothing`() throws {
        #expect(
            try tokens([
                "gen_ai.usage.input_tokens": 10, "gen_ai.usage.cache_read.input_tokens": 5,
                "gen_ai.usage.output_tokens": 50, "gen_ai.usage.total_tokens": 61,
            ]) == [10, 5, 50, nil])
    }

    @Test func `parts without their whole make none`() throws {
        #expect(
            try tokens([
                "gen_ai.request.model": "m", "gen_ai.usage.cache_read.input_tokens": 5,
                "gen_ai.usage.reasoning.output_tokens": 6, "gen_ai.usage.total_tokens": 11,
            ]) == [nil, 5, nil, 6])
    }

    @Test func `zero is a number of tokens`() throws {
        #expect(
            try tokens(["gen_ai.usage.input_tokens": 0, "gen_ai.usage.output_tokens": 0]) == [0, nil, 0, nil])
    }

    @Test(arguments: [
        (GenAISpan.Value.int(1_000_000_000), Int64?.some(1_000_000_000)), (.int(1_000_000_001), nil), (.int(-1), nil),
        (.int(.min), nil), (.int(.max), nil), (.double(12), 12), (.double(12.5), nil), (.double(.nan), nil),
        (.double(.infinity), nil), (.double(1e300), nil), (.double(-0.0), 0), (.string("12"), nil), (.bool(true), nil),
        (.bytes([12]), nil), (.array([12]), nil), (.none, nil),
    ])
    func `a count is a whole number of likely size`(value: GenAISpan.Value, count: Int64?) throws {
        let view = try #require(GenAISpan([("gen_ai.request.model", "m"), ("gen_ai.usage.input_tokens", value)]).view)
        #expect(view.inputTokens == count)
    }
}
