import Testing

@testable import Inference

struct CircuitBreakerTests {
    private static let settings = CircuitBreaker.Settings(
        failuresInARowMax: 3, windowMilliseconds: 10_000, callCountMin: 8, failurePercentMax: 50,
        openMillisecondsMin: 1_000, openMillisecondsMax: 4_000, throttleMillisecondsMax: 60_000)
    private var breaker = CircuitBreaker(settings)

    /// Makes a call that ends at once.
    private mutating func call(_ outcome: AttemptOutcome, at now: Int64) {
        let ticket = breaker.begin(at: now)
        breaker.report(outcome, of: ticket, at: now)
    }

    private mutating func open(at now: Int64) {
        for _ in 0..<3 { call(.failed(), at: now) }
    }

    @Test mutating func `a new target is healthy`() {
        #expect(breaker.mayCall(at: 0))
        #expect(breaker.health(at: 0) == .healthy)
    }

    @Test mutating func `failures in a row open it`() {
        call(.failed(), at: 0)
        call(.failed(), at: 0)
        #expect(breaker.mayCall(at: 0))
        call(.failed(), at: 0)
        #expect(!breaker.mayCall(at: 0))
        #expect(!breaker.mayCall(at: 999))
        #expect(breaker.health(at: 999) == .unavailable)
        #expect(breaker.availableAt == 1_000)
    }

    @Test(arguments: [AttemptOutcome.answered, .refused])
    mutating func `an answer between failures starts the count anew`(outcome: AttemptOutcome) {
        for _ in 0..<3 {
            call(.failed(), at: 0)
            call(.failed(), at: 0)
            call(outcome, at: 0)
            call(outcome, at: 0)
            call(outcome, at: 0)
        }
        #expect(breaker.health(at: 0) == .healthy)
    }

    @Test(arguments: [AttemptOutcome.abandoned, .throttled(milliseconds: 0)])
    mutating func `what is not about the target changes nothing`(outcome: AttemptOutcome) {
        call(.failed(), at: 0)
        call(.failed(), at: 0)
        for _ in 0..<100 { call(outcome, at: 0) }
        #expect(breaker.health(at: 0) == .healthy)
        call(.failed(), at: 0)
        #expect(breaker.health(at: 0) == .unavailable)
    }

    @Test mutating func `half of the recent calls failing opens it, never two in a row`() {
        for turn in 0..<4 {
            #expect(breaker.mayCall(at: Int64(turn)))
            call(.answered, at: Int64(turn))
            call(.failed(), at: Int64(turn))
        }
        #expect(!breaker.mayCall(at: 3))
    }

    @Test mutating func `a smaller part of the recent calls failing is borne`() {
        for turn in 0..<100 {
            call(.answered, at: Int64(turn))
            call(.failed(), at: Int64(turn))
            call(.answered, at: Int64(turn))
        }
        #expect(breaker.health(at: 100) == .healthy)
    }

    @Test mutating func `failures that are long ago don't count`() {
        for _ in 0..<3 {
            call(.answered, at: 0)
            call(.failed(), at: 0)
        }
        // A window later only the new calls count, and these are too few.
        call(.answered, at: 10_000)
        call(.failed(), at: 10_000)
        #expect(breaker.mayCall(at: 10_000))
        // While all is within one window, the same calls open it.
        breaker = CircuitBreaker(Self.settings)
        for _ in 0..<3 {
            call(.answered, at: 0)
            call(.failed(), at: 0)
        }
        call(.answered, at: 8_999)
        call(.failed(), at: 8_999)
        #expect(!breaker.mayCall(at: 8_999))
    }

    @Test mutating func `after its time one call probes the target while others wait`() {
        open(at: 0)
        #expect(breaker.mayCall(at: 1_000))
        #expect(breaker.health(at: 1_000) == .recovering)
        let probe = breaker.begin(at: 1_000)
        #expect(!breaker.mayCall(at: 1_000))
        #expect(breaker.health(at: 1_000) == .recovering)
        breaker.report(.answered, of: probe, at: 1_500)
        #expect(breaker.mayCall(at: 1_500))
        #expect(breaker.health(at: 1_500) == .healthy)
    }

    @Test mutating func `a failed probe opens it for twice as long, up to a limit`() {
        open(at: 0)
        var now = breaker.availableAt
        for expected: Int64 in [2_000, 4_000, 4_000] {
            call(.failed(), at: now)
            #expect(breaker.availableAt == now + expected)
            now = breaker.availableAt
        }
        call(.answered, at: now)
        open(at: now)
        #expect(breaker.availableAt == now + 1_000)
    }

    @Test mutating func `an answered probe forgives earlier failures`() {
        open(at: 0)
        call(.answered, at: 1_000)
        call(.failed(), at: 1_000)
        call(.failed(), at: 1_000)
        for _ in 0..<6 { call(.answered, at: 1_000) }
        #expect(breaker.health(at: 1_000) == .healthy)
    }

    @Test mutating func `a probe that its client abandoned makes room for the next`() {
        open(at: 0)
        let probe = breaker.begin(at: 1_000)
        breaker.report(.abandoned, of: probe, at: 1_200)
        #expect(breaker.mayCall(at: 1_200))
        #expect(breaker.health(at: 1_200) == .recovering)
    }

    @Test mutating func `a probe that nobody reports is given up`() {
        open(at: 0)
        let lost = breaker.begin(at: 1_000)
        #expect(!breaker.mayCall(at: 1_999))
        #expect(breaker.mayCall(at: 2_000))
        _ = breaker.begin(at: 2_000)
        breaker.report(.answered, of: lost, at: 2_100)
        #expect(breaker.health(at: 2_100) == .recovering, "what the lost probe says comes too late")
    }

    @Test mutating func `calls begun before it opened have no say afterwards`() {
        let slow = breaker.begin(at: 0)
        let slower = breaker.begin(at: 0)
        open(at: 0)
        breaker.report(.failed(), of: slow, at: 900)
        #expect(breaker.availableAt == 1_000)
        let probe = breaker.begin(at: 1_000)
        breaker.report(.answered, of: slower, at: 1_100)
        #expect(!breaker.mayCall(at: 1_100))
        breaker.report(.answered, of: probe, at: 1_200)
        #expect(breaker.mayCall(at: 1_200))
    }

    @Test mutating func `an answer that breaks off later counts as a failure too`() {
        for _ in 0..<4 {
            let ticket = breaker.begin(at: 0)
            breaker.report(.answered, of: ticket, at: 0)
            breaker.report(.failed(), of: ticket, at: 0)
        }
        #expect(!breaker.mayCall(at: 0))
    }

    @Test(arguments: [AttemptOutcome.throttled(milliseconds: 2_000), .failed(retryAfterMilliseconds: 2_000)])
    mutating func `a target that asks for an absence gets it`(outcome: AttemptOutcome) {
        call(outcome, at: 100)
        #expect(!breaker.mayCall(at: 2_099))
        #expect(breaker.health(at: 2_099) == .unavailable)
        #expect(breaker.throttledUntil(at: 2_099) == 2_100)
        #expect(breaker.mayCall(at: 2_100))
        #expect(breaker.throttledUntil(at: 2_100) == nil)
        #expect(breaker.health(at: 2_100) == .healthy)
    }

    @Test mutating func `the longest absence asked for holds, within a limit`() {
        let tickets = (0..<3).map { _ in breaker.begin(at: 0) }
        breaker.report(.throttled(milliseconds: 5_000), of: tickets[0], at: 0)
        breaker.report(.throttled(milliseconds: 1_000), of: tickets[1], at: 0)
        #expect(breaker.availableAt == 5_000)
        breaker.report(.throttled(milliseconds: .max), of: tickets[2], at: 0)
        #expect(breaker.availableAt == 60_000)
    }

    @Test mutating func `an open target that asked for a longer absence gets it`() {
        let ticket = breaker.begin(at: 0)
        open(at: 0)
        breaker.report(.throttled(milliseconds: 5_000), of: ticket, at: 0)
        #expect(!breaker.mayCall(at: 4_999))
        #expect(breaker.throttledUntil(at: 10) == nil, "it is failing, and not worth waiting for")
        #expect(breaker.mayCall(at: 5_000))
    }
}
