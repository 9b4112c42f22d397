import NIOCore
import Testing

@testable import APIServer

@Suite struct ConnectionClockTests {
    private static let limits: Configuration.Limits = {
        var limits = Configuration.Limits()
        (limits.headTimeoutSeconds, limits.bodyIdleTimeoutSeconds) = (10, 20)
        (limits.keepAliveSeconds, limits.streamWriteStallSeconds) = (75, 60)
        return limits
    }()

    private func clock() -> ConnectionClock { ConnectionClock(.init(Self.limits), now: at(0)) }

    private func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(1) + .seconds(seconds) }

    @Test func `a client that says nothing is dropped`() {
        let clock = clock()
        #expect(!clock.isOverdue(now: at(9)))
        #expect(clock.isOverdue(now: at(10)))
    }

    @Test func `a head that trickles is dropped all the same`() {
        var clock = clock()
        for second in stride(from: Int64(1), through: 10, by: 1) { clock.bytesArrived(now: at(second)) }
        #expect(!clock.isOverdue(now: at(10)))
        #expect(clock.isOverdue(now: at(11)))
    }

    @Test func `a body may take long but not pause long`() {
        var clock = clock()
        clock.bytesArrived(now: at(1))
        clock.headArrived(now: at(1))
        for second in stride(from: Int64(10), through: 300, by: 15) {
            #expect(!clock.isOverdue(now: at(second)))
            clock.bytesArrived(now: at(second))
        }
        #expect(clock.isOverdue(now: at(330)))
    }

    @Test func `a slow answer is waited for, an idle connection is not`() {
        var clock = clock()
        clock.bytesArrived(now: at(1))
        clock.headArrived(now: at(1))
        clock.requestEnded(now: at(1))
        #expect(!clock.isOverdue(now: at(1000)))
        clock.responseEnded(now: at(1000))
        #expect(!clock.isOverdue(now: at(1074)))
        #expect(clock.isOverdue(now: at(1075)))
    }

    @Test func `a client that takes nothing of its answer is dropped`() {
        var clock = clock()
        clock.bytesArrived(now: at(1))
        clock.headArrived(now: at(1))
        clock.requestEnded(now: at(1))
        clock.writabilityChanged(isWritable: false, now: at(2))
        #expect(!clock.isOverdue(now: at(61)))
        #expect(clock.isOverdue(now: at(62)))
        clock.writabilityChanged(isWritable: true, now: at(62))
        #expect(!clock.isOverdue(now: at(500)))
    }

    @Test func `a body that goes on behind its answer is being drained`() {
        var clock = clock()
        clock.headArrived(now: at(1))
        #expect(!clock.isDraining)
        clock.responseEnded(now: at(2))
        #expect(clock.isDraining)
        clock.requestEnded(now: at(3))
        #expect(!clock.isDraining)
    }
}
