import Inference
import Testing

@testable import APIServer

struct RunReceiptTests {
    @Test func `a receipt names the run, its trace, and what it cost to the last digit`() {
        var run = InferenceRun.stub(5, trace: 9)
        run.cost = 1_234_567
        run.usage = TokenUsage(inputTokens: 1, outputTokens: 2)
        let receipt = RunReceipt(run)
        let json =
            #"{"run_id":"run_000000000000000000000005","trace_id":"00000000000000070000000000000009","#
            + #""cost_usd":"0.001234567","usage_source":"provider"}"#
        #expect(String(decoding: receipt.json, as: UTF8.self) == json)
        #expect(String(decoding: receipt.comment, as: UTF8.self) == "vaas \(json)")
    }

    @Test func `a receipt says whether tokens were counted here`() {
        var run = InferenceRun.stub()
        var usage = TokenUsage(inputTokens: 1, outputTokens: 2)
        usage.isEstimated = true
        run.usage = usage
        #expect(String(decoding: RunReceipt(run).json, as: UTF8.self).contains(#""usage_source":"estimated""#))
    }
}
