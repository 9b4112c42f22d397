/// Counts how the calls of the last seconds ended. It forgets in steps of a tenth of its length.
struct OutcomeWindow {
    private struct Counts {
        var calls = 0
        var failures = 0
    }

    private let stepMilliseconds: Int64
    private var steps = InlineArray<10, Counts>(repeating: Counts())
    /// The number of the newest step since the clock's zero.
    private var newest: Int64 = 0
    private(set) var calls = 0
    private(set) var failures = 0

    init(milliseconds: Int64) {
        stepMilliseconds = max(1, milliseconds / 10)
    }

    mutating func add(isFailure: Bool, at now: Int64) {
        advance(to: now)
        let index = Self.index(of: newest)
        steps[index].calls += 1
        calls += 1
        if isFailure {
            steps[index].failures += 1
            failures += 1
        }
    }

    mutating func removeAll() {
        steps = InlineArray(repeating: Counts())
        calls = 0
        failures = 0
    }

    private mutating func advance(to now: Int64) {
        let step = now / stepMilliseconds
        guard step > newest else { return }
        let passed = min(step - newest, Int64(steps.count))
        newest = step
        for back in 0..<passed {
            let index = Self.index(of: step - back)
            calls -= steps[index].calls
            failures -= steps[index].failures
            steps[index] = Counts()
        }
    }

    private static func index(of step: Int64) -> Int { Int(step % 10) }
}
