/// One try at serving a call.
package struct Attempt: Sendable {
    package let target: Route.Target
    /// The model's name at the provider.
    package let upstreamModel: String
    /// How long to wait before it starts.
    package let delayMilliseconds: Int64
    /// Which of the route's targets it is.
    let position: Int
    let ticket: CircuitBreaker.Ticket
}

/// What a call has tried so far.
package struct AttemptHistory: Sendable {
    private(set) var positions: [Int] = []
    private(set) var refused: Set<Int> = []
    private(set) var permitsAnother = true

    package init() {}

    package var attemptCount: Int { positions.count }

    package mutating func append(_ attempt: Attempt, _ outcome: AttemptOutcome) {
        positions.append(attempt.position)
        if outcome == .refused { refused.insert(attempt.position) }
        permitsAnother = outcome.permitsAnother
    }

    func turns(of position: Int) -> Int {
        positions.count { $0 == position }
    }
}
