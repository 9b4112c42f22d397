import Synchronization

/// Leads calls to targets, and remembers how the targets do. All calls share one.
///
/// A call asks for an attempt, makes it, reports its outcome, and asks for the next one until it is answered or nothing
/// is left to try. A target is a provider and a model's name there: routes that share it share what is known of it.
package final class Router: Sendable {
    private struct TargetKey: Hashable {
        let provider: String
        /// The name at the provider.
        let model: String

        init(_ target: Route.Target, of model: Model) {
            provider = target.provider
            self.model = target.model ?? model.id
        }

        init(_ attempt: Attempt) {
            provider = attempt.target.provider
            model = attempt.upstreamModel
        }
    }

    private struct State {
        var breakers: [TargetKey: CircuitBreaker] = [:]
        var generator: any RandomNumberGenerator & Sendable
    }

    private let breakerSettings: CircuitBreaker.Settings
    private let retryPolicy: RetryPolicy
    private let now: @Sendable () -> Int64
    private let state: Mutex<State>

    /// - Parameters:
    ///   - now: Milliseconds of a clock that never goes back.
    ///   - generator: Draws targets and waiting times.
    package convenience init(
        now: @escaping @Sendable () -> Int64,
        generator: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        self.init(breaker: CircuitBreaker.Settings(), retries: RetryPolicy(), now: now, generator: generator)
    }

    init(
        breaker: CircuitBreaker.Settings, retries: RetryPolicy, now: @escaping @Sendable () -> Int64,
        generator: any RandomNumberGenerator & Sendable
    ) {
        breakerSettings = breaker
        retryPolicy = retries
        self.now = now
        state = Mutex(State(generator: generator))
    }

    /// The call's next attempt, or nil if none is left: no target is healthy, the retries are used up, the last outcome
    /// is final, or the attempt could only start after the deadline. Nil for a first attempt means one of the first and
    /// the last of these.
    ///
    /// - Parameters:
    ///   - history: What the call tried before.
    ///   - deadline: By the router's own clock.
    package func next(for model: Model, after history: AttemptHistory, deadline: Int64 = .max) -> Attempt? {
        guard history.permitsAnother, history.attemptCount <= model.route.retries else { return nil }
        let now = now()
        return state.withLock { state in
            guard let (position, delay) = choose(for: model, after: history, now: now, &state),
                now < deadline, delay < deadline - now
            else { return nil }
            let target = model.route.targets[position]
            let key = TargetKey(target, of: model)
            let ticket = state.breakers[key, default: CircuitBreaker(breakerSettings)].begin(at: now + delay)
            return Attempt(
                target: target, upstreamModel: key.model, delayMilliseconds: delay, position: position, ticket: ticket)
        }
    }

    /// Hears how an attempt ended, in any case once: when the first byte of the answer is here, or when it failed
    /// before. Should the answer break off later, that is reported too.
    package func report(_ outcome: AttemptOutcome, of attempt: Attempt) {
        let now = now()
        state.withLock { state in
            state.breakers[TargetKey(attempt)]?.report(outcome, of: attempt.ticket, at: now)
        }
    }

    /// A model's status by the health of its targets: `offline` while none may be called, `degraded` while one of them
    /// is not healthy, else what the operator says. The operator's word stands where it is the worse.
    package func status(of model: Model) -> Model.Status {
        let healths = healths(of: model)
        if model.status == .offline || healths.allSatisfy({ $0 == .unavailable }) { return .offline }
        return healths.allSatisfy { $0 == .healthy } ? model.status : .degraded
    }

    /// How long until a target of the model may be called; 0 if one may be now.
    package func millisecondsUntilAvailable(_ model: Model) -> Int64 {
        let now = now()
        let earliest = state.withLock { state in
            model.route.targets.map { state.breakers[TargetKey($0, of: model)]?.availableAt ?? now }.min()
        }
        return max(now, earliest ?? now) - now
    }

    private func healths(of model: Model) -> [CircuitBreaker.Health] {
        let now = now()
        return state.withLock { state in
            model.route.targets.map { state.breakers[TargetKey($0, of: model)]?.health(at: now) ?? .healthy }
        }
    }

    /// Where the next attempt goes, and how long it waits.
    private func choose(
        for model: Model, after history: AttemptHistory, now: Int64, _ state: inout State
    ) -> (position: Int, delayMilliseconds: Int64)? {
        let targets = model.route.targets
        let breakers = state.breakers
        let position = TargetPicker.pick(from: targets, tried: history.positions, using: &state.generator) { position in
            !history.refused.contains(position)
                && breakers[TargetKey(targets[position], of: model)]?.mayCall(at: now) != false
        }
        if let position {
            let turns = history.turns(of: position)
            return (position, retryPolicy.delayMilliseconds(afterTurns: turns, using: &state.generator))
        }
        let waits = targets.indices.compactMap { position -> (position: Int, delayMilliseconds: Int64)? in
            guard !history.refused.contains(position),
                let until = breakers[TargetKey(targets[position], of: model)]?.throttledUntil(at: now)
            else {
                return nil
            }
            return until - now <= retryPolicy.retryAfterMillisecondsMax ? (position, until - now) : nil
        }
        return waits.min { $0.delayMilliseconds < $1.delayMilliseconds }
    }
}
