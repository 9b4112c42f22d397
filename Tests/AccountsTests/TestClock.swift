import Synchronization

/// A clock that moves when told to.
final class TestClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_700_000_000_000)

    var now: Int64 { milliseconds.withLock { $0 } }

    func advance(by amount: Int64) { milliseconds.withLock { $0 += amount } }
}
