import NIOCore

/// Decides when a connection has waited long enough. A value: events go in, a verdict comes out.
struct ConnectionClock {
    struct Timeouts {
        /// From a request's first byte to the end of its head; also from a connection's start to its first request.
        var head: TimeAmount
        /// Between two bytes of a body.
        var bodyIdle: TimeAmount
        /// Between two requests.
        var keepAlive: TimeAmount
        /// While the client takes nothing of an answer.
        var writeStall: TimeAmount

        init(_ limits: Configuration.Limits) {
            self.head = .seconds(Int64(limits.headTimeoutSeconds))
            self.bodyIdle = .seconds(Int64(limits.bodyIdleTimeoutSeconds))
            self.keepAlive = .seconds(Int64(limits.keepAliveSeconds))
            self.writeStall = .seconds(Int64(limits.streamWriteStallSeconds))
        }

        /// How often to ask: a timeout is noticed at most a quarter late.
        var tick: TimeAmount {
            let shortest = min(head, bodyIdle, keepAlive, writeStall)
            return .nanoseconds(max(shortest.nanoseconds / 4, 50_000_000))
        }
    }

    private let timeouts: Timeouts
    /// When the part of a request that is under way was last heard of; `nil` between requests.
    private var bodyReadAt: NIODeadline?
    /// When the first byte of an unfinished head came.
    private var headBegunAt: NIODeadline?
    private var quietSince: NIODeadline
    private var stalledSince: NIODeadline?
    private var unanswered = 0
    private var isFresh = true

    init(_ timeouts: Timeouts, now: NIODeadline) {
        self.timeouts = timeouts
        self.quietSince = now
    }

    mutating func bytesArrived(now: NIODeadline) {
        if bodyReadAt != nil {
            bodyReadAt = now
        } else if headBegunAt == nil {
            headBegunAt = now
        }
    }

    mutating func headArrived(now: NIODeadline) {
        isFresh = false
        headBegunAt = nil
        bodyReadAt = now
        unanswered += 1
    }

    mutating func requestEnded(now: NIODeadline) {
        bodyReadAt = nil
        quietSince = now
    }

    mutating func responseEnded(now: NIODeadline) {
        unanswered -= 1
        quietSince = now
    }

    mutating func writabilityChanged(isWritable: Bool, now: NIODeadline) {
        stalledSince = isWritable ? nil : now
    }

    /// Whether a request is still coming in.
    var isReading: Bool { bodyReadAt != nil }

    /// Whether an answer is complete while its request is still coming in.
    var isDraining: Bool { isReading && unanswered <= 0 }

    /// Whether to close the connection.
    func isOverdue(now: NIODeadline) -> Bool {
        if let stalledSince, now >= stalledSince + timeouts.writeStall { return true }
        if let bodyReadAt { return now >= bodyReadAt + timeouts.bodyIdle }
        if unanswered > 0 { return false }
        if let headBegunAt { return now >= headBegunAt + timeouts.head }
        return now >= quietSince + (isFresh ? timeouts.head : timeouts.keepAlive)
    }
}
