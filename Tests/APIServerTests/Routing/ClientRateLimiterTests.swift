import Synchronization
import Testing

@testable import APIServer

@Suite struct ClientRateLimiterTests {
    private final class Clock: Sendable {
        let milliseconds = Mutex<Int64>(0)
    }

    private let clock = Clock()
    private let limiter: ClientRateLimiter

    init() {
        limiter = ClientRateLimiter { [clock] in clock.milliseconds.withLock(\.self) }
    }

    private func admitted(_ count: Int, _ address: String?, _ limit: ClientLimit) -> Int {
        (0..<count).count { _ in (try? limiter.admit(address.flatMap(IPAddress.init), limit)) != nil }
    }

    @Test(arguments: [(ClientLimit.lookups, 120), (.signIns, 60)])
    func `a client gets a minute's worth at once and then the even rate`(limit: ClientLimit, perMinute: Int) {
        #expect(admitted(200, "192.0.2.1", limit) == perMinute)
        clock.milliseconds.withLock { $0 += 10_000 }
        #expect(admitted(200, "192.0.2.1", limit) == perMinute / 6)
    }

    @Test func `clients and limits don't touch each other`() {
        #expect(admitted(100, "192.0.2.1", .signIns) == 60)
        #expect(admitted(100, "192.0.2.2", .signIns) == 60)
        #expect(admitted(100, "192.0.2.1", .lookups) == 100)
        #expect(admitted(100, nil, .signIns) == 60)
    }

    @Test func `an IPv6 network is one client, and its neighbour another`() {
        #expect(admitted(40, "2001:db8:0:1::1", .signIns) == 40)
        #expect(admitted(40, "2001:db8:0:1:ffff::2", .signIns) == 20)
        #expect(admitted(40, "2001:db8:0:2::1", .signIns) == 40)
    }

    @Test func `whoever is refused is told when to come back`() throws {
        _ = admitted(60, "192.0.2.1", .signIns)
        let error = try #require(throws: APIError.self) { try limiter.admit(IPAddress("192.0.2.1"), .signIns) }
        #expect(error.code == .rateLimited)
        #expect(error.retryAfterSeconds == 1 && error.retryAfterMilliseconds == 1000)
    }
}
