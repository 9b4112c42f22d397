import Inference
import Testing

struct AttemptOutcomeTests {
    @Test(arguments: [
        (200, AttemptOutcome.answered), (204, .answered), (400, .answered), (409, .answered), (413, .answered),
        (422, .answered), (499, .answered),
        (401, .refused), (402, .refused), (403, .refused), (404, .refused), (405, .refused),
        (408, .failed()), (429, .failed()), (500, .failed()), (502, .failed()), (503, .failed()), (529, .failed()),
        (301, .failed()), (307, .failed()), (101, .failed()), (600, .failed()),
    ])
    func `a status says what became of the attempt`(status: Int, outcome: AttemptOutcome) {
        #expect(AttemptOutcome(status: status, retryAfterMilliseconds: nil) == outcome)
    }

    @Test func `Retry-After is heard where it means something`() {
        #expect(AttemptOutcome(status: 429, retryAfterMilliseconds: 1500) == .throttled(milliseconds: 1500))
        #expect(AttemptOutcome(status: 503, retryAfterMilliseconds: 2000) == .failed(retryAfterMilliseconds: 2000))
        #expect(AttemptOutcome(status: 200, retryAfterMilliseconds: 2000) == .answered)
    }

    @Test func `an error is the target's failure only if it comes from there`() {
        #expect(AttemptOutcome(InferenceError(.upstreamError, "")) == .failed())
        #expect(AttemptOutcome(InferenceError(.upstreamTimeout, "")) == .failed())
        #expect(AttemptOutcome(InferenceError(.upstreamRateLimited, "")) == .failed())
        #expect(
            AttemptOutcome(InferenceError(.upstreamRateLimited, "", retryAfterSeconds: 3))
                == .throttled(milliseconds: 3000))
        #expect(AttemptOutcome(InferenceError(.cancelled, "")) == .abandoned)
        #expect(AttemptOutcome(InferenceError(.invalidRequest, "")) == .abandoned)
    }
}
