import NIOCore

/// Who uses which connection to an upstream, and who waits for one. A value: events go in, and what is to be done comes
/// out.
///
/// The connection that was used last is used next, so that those nobody needs get old and are closed. Callers are served
/// in the order in which they came.
struct PoolState<Connection: AnyObject, Caller: AnyObject> {
    enum Lease {
        case use(Connection)
        /// The caller waits, and a connection is to be made.
        case connect
        /// The caller waits for one of those that are there or being made.
        case wait
        /// The pool is shut down.
        case refuse
    }

    enum Offer {
        case serve(Caller)
        case keep
        /// The pool is shut down.
        case close
    }

    private struct Idle {
        let connection: Connection
        let since: NIODeadline
    }

    private let connectionCountMax: Int
    private let idleTimeMax: TimeAmount
    private var connections: [ObjectIdentifier: Connection] = [:]
    /// The longest idle one first.
    private var idle: [Idle] = []
    private var waiting = CircularBuffer<Caller>()
    private var connectingCount = 0
    private(set) var isShutDown = false

    init(connectionCountMax: Int, idleTimeMax: TimeAmount) {
        self.connectionCountMax = connectionCountMax
        self.idleTimeMax = idleTimeMax
    }

    // MARK: Callers

    /// - Parameter reuses: Whether a connection will do that was used before.
    mutating func lease(for caller: Caller, reuses: Bool) -> Lease {
        guard !isShutDown else { return .refuse }
        if reuses, let last = idle.popLast() { return .use(last.connection) }
        waiting.append(caller)
        return connectsAgain() ? .connect : .wait
    }

    /// - Returns: Whether the caller was waiting.
    mutating func withdraw(_ caller: Caller) -> Bool {
        guard let index = waiting.firstIndex(where: { $0 === caller }) else { return false }
        waiting.remove(at: index)
        return true
    }

    // MARK: Connections

    mutating func connected(_ connection: Connection, now: NIODeadline) -> Offer {
        connectingCount -= 1
        guard !isShutDown else { return .close }
        connections[ObjectIdentifier(connection)] = connection
        return release(connection, now: now)
    }

    /// - Returns: Whose connection it would have been, unless another one is being made for it, and whether to try to
    ///   connect for somebody else.
    mutating func connectFailed() -> (caller: Caller?, connectsAgain: Bool) {
        connectingCount -= 1
        let caller = waiting.count > connectingCount ? waiting.popFirst() : nil
        return (caller, connectsAgain())
    }

    mutating func release(_ connection: Connection, now: NIODeadline) -> Offer {
        if let caller = waiting.popFirst() { return .serve(caller) }
        idle.append(Idle(connection: connection, since: now))
        return .keep
    }

    /// - Returns: Whether to connect for somebody who waits.
    mutating func lost(_ connection: Connection) -> Bool {
        connections[ObjectIdentifier(connection)] = nil
        if let index = idle.lastIndex(where: { $0.connection === connection }) { idle.remove(at: index) }
        return connectsAgain()
    }

    /// Counts in one more attempt to connect, if somebody waits that none is made for and there may be one more.
    private mutating func connectsAgain() -> Bool {
        guard !isShutDown, waiting.count > connectingCount,
            connections.count + connectingCount < connectionCountMax
        else { return false }
        connectingCount += 1
        return true
    }

    // MARK: Time

    /// When a connection will have been idle for too long.
    var nextExpiry: NIODeadline? { idle.first.map { $0.since + idleTimeMax } }

    /// The connections that are idle for too long.
    func expired(now: NIODeadline) -> [Connection] {
        idle.prefix { $0.since + idleTimeMax <= now }.map(\.connection)
    }

    /// - Returns: Everything that is to be closed, and everybody who waits in vain.
    mutating func shutDown() -> (connections: [Connection], callers: [Caller]) {
        isShutDown = true
        defer { waiting.removeAll() }
        return (Array(connections.values), Array(waiting))
    }
}
