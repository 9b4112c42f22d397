import Testing

@testable import Database
@testable import Postgres

struct ServerReachabilityTests {
    private let start = ContinuousClock.now
    private let error = PostgresError(.unreachable, "refused")

    @Test func `everybody may try while nobody has failed`() {
        var reachability = ServerReachability()
        for _ in 0..<3 { #expect(reachability.refusal(at: start) == nil) }
    }

    @Test func `after a failure nobody tries for a moment, and then one at a time`() {
        var reachability = ServerReachability()
        reachability.failed(error, at: start)
        #expect(reachability.refusal(at: start)?.message == "refused")
        #expect(reachability.refusal(at: start + ServerReachability.pause - .nanoseconds(1)) != nil)
        let later = start + ServerReachability.pause
        #expect(reachability.refusal(at: later) == nil)
        #expect(reachability.refusal(at: later + .seconds(60))?.message == "refused")
        reachability.failed(PostgresError(.unreachable, "again"), at: later + .seconds(61))
        #expect(reachability.refusal(at: later + .seconds(61))?.message == "again")
        #expect(reachability.refusal(at: later + .seconds(62)) == nil)
    }

    @Test func `after a success everybody may try again`() {
        var reachability = ServerReachability()
        reachability.failed(error, at: start)
        #expect(reachability.refusal(at: start + .seconds(1)) == nil)
        reachability.connected()
        for _ in 0..<3 { #expect(reachability.refusal(at: start + .seconds(1)) == nil) }
    }
}
