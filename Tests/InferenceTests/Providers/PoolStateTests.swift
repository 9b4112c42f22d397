import NIOCore
import Testing

@testable import Inference

struct PoolStateTests {
    private final class Named {
        let name: String
        init(_ name: String) { self.name = name }
    }

    private var pool = PoolState<Named, Named>(connectionCountMax: 2, idleTimeMax: .seconds(60))

    private func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(1_000_000_000_000) + .seconds(seconds) }

    private mutating func lease(_ caller: Named = Named("caller"), reuses: Bool = true) -> String {
        switch pool.lease(for: caller, reuses: reuses) {
        case .use(let connection): connection.name
        case .connect: "connect"
        case .wait: "wait"
        case .refuse: "refuse"
        }
    }

    private func name(_ offer: PoolState<Named, Named>.Offer) -> String {
        switch offer {
        case .serve(let caller): caller.name
        case .keep: "keep"
        case .close: "close"
        }
    }

    /// Connects two, both idle since these seconds.
    private mutating func fill(_ first: Int64 = 0, _ second: Int64 = 0) -> (Named, Named) {
        let connections = (Named("first"), Named("second"))
        #expect(lease() == "connect")
        #expect(lease() == "connect")
        #expect(name(pool.connected(connections.0, now: at(0))) == "caller")
        #expect(name(pool.connected(connections.1, now: at(0))) == "caller")
        #expect(name(pool.release(connections.0, now: at(first))) == "keep")
        #expect(name(pool.release(connections.1, now: at(second))) == "keep")
        return connections
    }

    @Test mutating func `the connection that was used last is used next`() {
        _ = fill()
        #expect(lease() == "second")
        #expect(lease() == "first")
    }

    @Test mutating func `a caller that wants a new connection gets no used one`() {
        let (first, _) = fill()
        #expect(pool.lost(first) == false)
        #expect(lease(reuses: false) == "connect")
    }

    @Test mutating func `callers beyond the limit wait, and are served in their order`() {
        #expect(lease(Named("a")) == "connect")
        #expect(lease(Named("b")) == "connect")
        #expect(lease(Named("c")) == "wait")
        let connection = Named("connection")
        #expect(name(pool.connected(connection, now: at(0))) == "a")
        #expect(name(pool.release(connection, now: at(0))) == "b")
        #expect(name(pool.release(connection, now: at(0))) == "c")
        #expect(name(pool.connected(Named("other"), now: at(0))) == "keep")
        #expect(lease() == "other")
    }

    @Test mutating func `a caller that waits no more is not served`() {
        let caller = Named("a")
        #expect(lease(caller) == "connect")
        #expect(pool.withdraw(caller) == true)
        #expect(pool.withdraw(caller) == false)
        #expect(name(pool.connected(Named("connection"), now: at(0))) == "keep")
    }

    @Test mutating func `a failure to connect is told to whoever waits longest`() {
        #expect(lease(Named("a")) == "connect")
        #expect(lease(Named("b")) == "connect")
        #expect(lease(Named("c")) == "wait")
        let (caller, connectsAgain) = pool.connectFailed()
        #expect(caller?.name == "a")
        #expect(connectsAgain)
    }

    @Test mutating func `a failure to connect is told to nobody who was served otherwise`() {
        let caller = Named("a")
        #expect(lease(caller) == "connect")
        #expect(lease(Named("b")) == "connect")
        _ = pool.withdraw(caller)
        let (failed, connectsAgain) = pool.connectFailed()
        #expect(failed == nil && !connectsAgain)
    }

    @Test mutating func `a lost connection makes room for a new one`() {
        let (first, second) = fill()
        #expect(lease() == "second")
        #expect(lease() == "first")
        #expect(lease(Named("c")) == "wait")
        #expect(pool.lost(first) == true)
        #expect(pool.lost(second) == false)
        #expect(name(pool.connected(Named("third"), now: at(0))) == "c")
    }

    @Test mutating func `a lost connection is not used`() {
        let (_, second) = fill()
        #expect(pool.lost(second) == false)
        #expect(lease() == "first")
    }

    @Test mutating func `connections that nobody needs for long expire`() {
        let (first, second) = fill(10, 20)
        #expect(pool.nextExpiry == at(70))
        #expect(pool.expired(now: at(69)).isEmpty)
        #expect(pool.expired(now: at(70)).map(\.name) == ["first"])
        _ = pool.lost(first)
        #expect(pool.nextExpiry == at(80))
        _ = pool.lost(second)
        #expect(pool.nextExpiry == nil)
    }

    @Test mutating func `a pool that is shut down gives up everything and takes nothing`() {
        let (first, _) = fill()
        #expect(lease() == "second")
        _ = pool.lost(first)
        #expect(lease(Named("a")) == "connect")
        let (connections, callers) = pool.shutDown()
        #expect(connections.map(\.name) == ["second"])
        #expect(callers.map(\.name) == ["a"])
        #expect(lease() == "refuse")
        #expect(name(pool.connected(Named("late"), now: at(0))) == "close")
    }
}
