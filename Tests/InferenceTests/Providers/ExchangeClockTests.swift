import NIOCore
import Testing

@testable import Inference

struct ExchangeClockTests {
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    private var clock = ExchangeClock(
        Provider.Endpoint(baseURL: "", totalTimeout: .seconds(100), idleTimeout: .seconds(10)), now: start)

    private func at(_ seconds: Int64) -> NIODeadline { Self.start + .seconds(seconds) }

    @Test func `before the first byte only the total counts`() {
        #expect(clock.verdict(now: at(50)) == .patience(until: at(60)))
        #expect(clock.verdict(now: at(99)) == .patience(until: at(100)))
        #expect(clock.verdict(now: at(100)) == .tookTooLong)
    }

    @Test mutating func `after the first byte a silence is a stall`() {
        clock.bytesArrived(now: at(50))
        #expect(clock.verdict(now: at(59)) == .patience(until: at(60)))
        #expect(clock.verdict(now: at(60)) == .stalled)
        clock.bytesArrived(now: at(55))
        #expect(clock.verdict(now: at(60)) == .patience(until: at(65)))
    }

    @Test mutating func `the total holds however much arrives`() {
        clock.bytesArrived(now: at(99))
        #expect(clock.verdict(now: at(99)) == .patience(until: at(100)))
        #expect(clock.verdict(now: at(100)) == .tookTooLong)
    }

    @Test mutating func `a slow reader is no silence of the upstream`() {
        clock.bytesArrived(now: at(1))
        clock.paused()
        #expect(clock.verdict(now: at(50)) == .patience(until: at(60)))
        clock.resumed(now: at(50))
        #expect(clock.verdict(now: at(59)) == .patience(until: at(60)))
        #expect(clock.verdict(now: at(60)) == .stalled)
    }
}
