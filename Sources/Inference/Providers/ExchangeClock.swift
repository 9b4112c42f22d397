import NIOCore

/// Decides when a provider has taken too long. A value: events go in, a verdict comes out.
struct ExchangeClock {
    enum Verdict: Equatable {
        /// Not yet; at that time it may be.
        case patience(until: NIODeadline)
        case tookTooLong
        case stalled
    }

    private let end: NIODeadline
    private let idleTimeout: TimeAmount
    /// Since when we wait for the next piece of the body; nil before the first one, and while we don't want any.
    private var idleSince: NIODeadline?

    init(_ endpoint: Provider.Endpoint, now: NIODeadline) {
        end = now + TimeAmount(endpoint.totalTimeout)
        idleTimeout = TimeAmount(endpoint.idleTimeout)
    }

    mutating func bytesArrived(now: NIODeadline) {
        idleSince = now
    }

    /// The reader is slow, which is not the provider's fault.
    mutating func paused() {
        idleSince = nil
    }

    mutating func resumed(now: NIODeadline) {
        idleSince = now
    }

    func verdict(now: NIODeadline) -> Verdict {
        if now >= end { return .tookTooLong }
        guard let idleSince else { return .patience(until: min(end, now + idleTimeout)) }
        let stall = idleSince + idleTimeout
        return now >= stall ? .stalled : .patience(until: min(end, stall))
    }
}
