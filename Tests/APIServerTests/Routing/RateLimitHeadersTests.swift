import Accounts
import HTTPTypes
import Testing

@testable import APIServer

@Suite struct RateLimitHeadersTests {
    @Test(arguments: [
        (0, "0s"), (1, "1ms"), (120, "120ms"), (999, "999ms"), (1000, "1s"), (1001, "1.001s"), (8640, "8.64s"),
        (59_999, "59.999s"), (60_000, "1m0s"), (360_000, "6m0s"), (61_500, "1m1.5s"), (3_600_000, "1h0m0s"),
    ])
    func `durations are written as OpenAI writes them`(milliseconds: Int64, expected: String) {
        #expect(HTTPFields.duration(milliseconds: milliseconds) == expected)
    }

    @Test func `a verdict becomes three headers`() {
        var headers = HTTPFields()
        headers.setRateLimit(
            RateLimitVerdict(
                isAdmitted: true, limit: 120, remaining: 119, resetMilliseconds: 500, retryAfterMilliseconds: 0))
        let names = ["x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"]
        #expect(names.compactMap { HTTPField.Name($0) }.map { headers[$0] } == ["120", "119", "500ms"])
    }
}
