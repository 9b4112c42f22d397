/// Keeps calls away from a target that fails. A value: the ends of real calls go in, a permission comes out.
///
/// Closed, it lets every call pass. It opens when so many calls in a row have failed, or when too large a part of the
/// calls of the last seconds has. After a while it lets one call pass, the probe: if that is answered it closes, if it
/// fails it opens for twice as long as before. A target that asked us to stay away is left alone for that long,
/// whatever the state. Times are milliseconds of one clock that never goes back.
struct CircuitBreaker {
    struct Settings: Sendable {
        var failuresInARowMax = 5
        var windowMilliseconds: Int64 = 30_000
        /// Fewer calls in the window than this prove nothing.
        var callCountMin = 20
        var failurePercentMax = 50
        var openMillisecondsMin: Int64 = 5_000
        var openMillisecondsMax: Int64 = 300_000
        /// No target can ask for a longer absence than this.
        var throttleMillisecondsMax: Int64 = 3_600_000
    }

    /// Says which state a call was begun in: how it ends matters only to that one.
    struct Ticket: Hashable, Sendable {
        fileprivate let generation: UInt64
    }

    enum Health: Hashable, Sendable {
        case healthy
        /// It may be called, to find out whether it recovered.
        case recovering
        case unavailable
    }

    private enum State {
        case closed
        case open(until: Int64)
        /// The probe is under way. If nobody says how it ended, another one may start then.
        case probing(until: Int64)
    }

    private let settings: Settings
    private var state = State.closed
    /// Counts the states; see `Ticket`.
    private var generation: UInt64 = 0
    private var throttledUntil: Int64 = .min
    private var failuresInARow = 0
    private var openMilliseconds: Int64
    private var window: OutcomeWindow

    init(_ settings: Settings = Settings()) {
        self.settings = settings
        openMilliseconds = settings.openMillisecondsMin
        window = OutcomeWindow(milliseconds: settings.windowMilliseconds)
    }

    func health(at now: Int64) -> Health {
        if now < throttledUntil { return .unavailable }
        switch state {
        case .closed: return .healthy
        case .open(let until): return now < until ? .unavailable : .recovering
        case .probing: return .recovering
        }
    }

    func mayCall(at now: Int64) -> Bool { now >= availableAt }

    /// Until when the target is to be left alone; a time that has passed means that it may be called.
    var availableAt: Int64 {
        switch state {
        case .closed: throttledUntil
        case .open(let until), .probing(let until): max(until, throttledUntil)
        }
    }

    /// Until when a target that is not failing is to be left alone because it asked for that; nil for any other target.
    func throttledUntil(at now: Int64) -> Int64? {
        guard case .closed = state, now < throttledUntil else { return nil }
        return throttledUntil
    }

    /// Notes that a call starts. `report` wants to hear with the ticket how it ends.
    mutating func begin(at now: Int64) -> Ticket {
        switch state {
        case .closed: break
        case .open, .probing: change(to: .probing(until: now + openMilliseconds))
        }
        return Ticket(generation: generation)
    }

    /// Hears how a call ended. It may hear of the same call twice: that it was answered, and that it broke off later.
    mutating func report(_ outcome: AttemptOutcome, of ticket: Ticket, at now: Int64) {
        if let absence = outcome.retryAfterMilliseconds {
            throttledUntil = max(throttledUntil, now + min(max(0, absence), settings.throttleMillisecondsMax))
        }
        guard ticket.generation == generation else { return }
        switch (state, outcome) {
        case (.closed, .answered), (.closed, .refused): succeed(at: now)
        case (.closed, .failed): fail(at: now)
        case (.closed, .throttled), (.closed, .abandoned), (.open, _): break
        case (.probing, .answered), (.probing, .refused), (.probing, .throttled): close()
        case (.probing, .failed): reopen(at: now)
        case (.probing, .abandoned): change(to: .open(until: now))
        }
    }

    private mutating func succeed(at now: Int64) {
        failuresInARow = 0
        window.add(isFailure: false, at: now)
    }

    private mutating func fail(at now: Int64) {
        failuresInARow += 1
        window.add(isFailure: true, at: now)
        let isMostlyFailing =
            window.calls >= settings.callCountMin
            && window.failures * 100 >= window.calls * settings.failurePercentMax
        if failuresInARow >= settings.failuresInARowMax || isMostlyFailing {
            change(to: .open(until: now + openMilliseconds))
        }
    }

    private mutating func reopen(at now: Int64) {
        openMilliseconds = min(openMilliseconds * 2, settings.openMillisecondsMax)
        change(to: .open(until: now + openMilliseconds))
    }

    private mutating func close() {
        openMilliseconds = settings.openMillisecondsMin
        failuresInARow = 0
        window.removeAll()
        change(to: .closed)
    }

    private mutating func change(to state: State) {
        self.state = state
        generation += 1
    }
}
