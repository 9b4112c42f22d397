import Synchronization
import TestSupport
import Testing

@testable import Inference

struct RouterTests {
    private final class Clock: Sendable {
        private let milliseconds = Mutex<Int64>(1_000_000)
        var now: Int64 { milliseconds.withLock { $0 } }
        func advance(by amount: Int64) { milliseconds.withLock { $0 += amount } }
    }

    private let clock = Clock()
    private let router: Router

    init() {
        let clock = clock
        router = Router(
            breaker: CircuitBreaker.Settings(failuresInARowMax: 2, openMillisecondsMin: 1_000),
            retries: RetryPolicy(
                backoffMillisecondsMin: 100, backoffMillisecondsMax: 400, retryAfterMillisecondsMax: 3_000),
            now: { clock.now }, generator: SeededGenerator(seed: 5))
    }

    private func model(
        _ providers: [String], id: String = "m", retries: Int = 2, status: Model.Status = .alwaysOn
    ) -> Model {
        let targets = providers.enumerated().map { Route.Target(provider: $1, weight: $0 == 0 ? 1 : 0) }
        return Model(
            id: id, ownedBy: "us", status: status, created: 0, route: Route(id: "r", targets: targets, retries: retries)
        )
    }

    /// Lets a whole call run, every target of which ends as told; returns which were tried, and the waits.
    private func call(
        _ model: Model, deadline: Int64 = .max, _ outcome: (String) -> AttemptOutcome
    ) -> (providers: [String], waits: [Int64]) {
        var history = AttemptHistory()
        var providers: [String] = []
        var waits: [Int64] = []
        while let attempt = router.next(for: model, after: history, deadline: deadline) {
            clock.advance(by: attempt.delayMilliseconds)
            let result = outcome(attempt.target.provider)
            router.report(result, of: attempt)
            history.append(attempt, result)
            providers.append(attempt.target.provider)
            waits.append(attempt.delayMilliseconds)
        }
        return (providers, waits)
    }

    private func breakDown(_ provider: String) {
        _ = call(model([provider], retries: 1)) { _ in .failed() }
    }

    @Test func `an answered call makes one attempt`() {
        #expect(call(model(["a", "b"])) { _ in .answered }.providers == ["a"])
    }

    @Test func `a failed attempt falls back at once, and the first target gets another turn later`() {
        let (providers, waits) = call(model(["a", "b"], retries: 2)) { _ in .failed() }
        #expect(providers == ["a", "b", "a"])
        #expect(waits[0] == 0)
        #expect(waits[1] == 0)
        #expect((0...100).contains(waits[2]))
    }

    @Test(arguments: 0...3)
    func `a call makes one attempt and so many retries, never more`(retries: Int) {
        let model = model(["a", "b", "c", "d", "e"], retries: retries)
        #expect(call(model) { _ in .failed() }.providers.count == retries + 1)
    }

    @Test func `a target that refuses us is not asked again by the same call`() {
        #expect(call(model(["a"], retries: 5)) { _ in .refused }.providers == ["a"])
        #expect(call(model(["a", "b"], retries: 5)) { $0 == "a" ? .refused : .answered }.providers == ["a", "b"])
        #expect(call(model(["a"])) { _ in .answered }.providers == ["a"], "the next call may ask it")
    }

    @Test func `an abandoned call tries nothing else`() {
        #expect(call(model(["a", "b"])) { _ in .abandoned }.providers == ["a"])
    }

    @Test func `a target that broke down is passed over until it is probed`() {
        breakDown("a")
        #expect(call(model(["a", "b"])) { _ in .answered }.providers == ["b"])
        #expect(call(model(["a"])) { _ in .answered }.providers.isEmpty)
        #expect(router.millisecondsUntilAvailable(model(["a"])) == 1_000)
        #expect(router.millisecondsUntilAvailable(model(["a", "b"])) == 0)
        clock.advance(by: 1_000)
        #expect(call(model(["a", "b"])) { _ in .answered }.providers == ["a"])
        #expect(call(model(["a"])) { _ in .answered }.providers == ["a"])
    }

    @Test func `routes that share a target share what is known of it`() {
        let shared = Route.Target(provider: "a", model: "upstream-name")
        let one = Model(id: "one", ownedBy: "us", created: 0, route: Route(id: "r", targets: [shared], retries: 1))
        let other = Model(id: "other", ownedBy: "us", created: 0, route: Route(id: "s", targets: [shared]))
        _ = call(one) { _ in .failed() }
        #expect(router.next(for: other, after: AttemptHistory()) == nil)
        #expect(router.next(for: model(["a"]), after: AttemptHistory()) != nil, "another model there is not affected")
    }

    @Test func `the name at the provider is the model's own unless the target has another`() throws {
        let attempt = try #require(router.next(for: model(["a"], id: "plain"), after: AttemptHistory()))
        #expect(attempt.upstreamModel == "plain")
        let route = Route(id: "r", targets: [Route.Target(provider: "a", model: "renamed")])
        let renamed = Model(id: "m", ownedBy: "us", created: 0, route: route)
        #expect(try #require(router.next(for: renamed, after: AttemptHistory())).upstreamModel == "renamed")
    }

    @Test func `a call waits for a target that says when to come back, unless that is too long`() {
        let start = clock.now
        let (providers, waits) = call(model(["a"])) { _ in
            clock.now == start ? .throttled(milliseconds: 1_500) : .answered
        }
        #expect(providers == ["a", "a"])
        #expect(waits == [0, 1_500])
        #expect(call(model(["b"])) { _ in .throttled(milliseconds: 3_001) }.providers == ["b"])
        #expect(router.next(for: model(["b"]), after: AttemptHistory()) == nil)
    }

    @Test func `other targets come before waiting, and the shortest wait before longer ones`() {
        let outcomes: [String: AttemptOutcome] = [
            "a": .throttled(milliseconds: 2_000), "b": .throttled(milliseconds: 1_000),
        ]
        let (providers, waits) = call(model(["a", "b"], retries: 2)) { outcomes[$0] ?? .answered }
        #expect(providers == ["a", "b", "b"])
        #expect(waits == [0, 0, 1_000])
    }

    @Test func `nothing starts after the deadline`() {
        #expect(router.next(for: model(["a"]), after: AttemptHistory(), deadline: clock.now) == nil)
        let (providers, _) = call(model(["a"]), deadline: clock.now + 1_500) { _ in .throttled(milliseconds: 1_500) }
        #expect(providers == ["a"])
        let (others, _) = call(model(["b"]), deadline: clock.now + 1_501) { _ in .throttled(milliseconds: 1_500) }
        #expect(others == ["b", "b"])
    }

    @Test func `a model's status follows the health of its targets`() {
        #expect(router.status(of: model(["a", "b"])) == .alwaysOn)
        #expect(router.status(of: model(["a", "b"], status: .onDemand)) == .onDemand)
        breakDown("a")
        #expect(router.status(of: model(["a", "b"])) == .degraded)
        #expect(router.status(of: model(["a", "b"], status: .onDemand)) == .degraded)
        breakDown("b")
        #expect(router.status(of: model(["a", "b"])) == .offline)
        clock.advance(by: 1_000)
        #expect(router.status(of: model(["a", "b"])) == .degraded, "both may recover")
        _ = call(model(["a"])) { _ in .answered }
        _ = call(model(["b"])) { _ in .answered }
        #expect(router.status(of: model(["a", "b"])) == .alwaysOn)
    }

    @Test func `the operator's word stands where it is the worse`() {
        #expect(router.status(of: model(["a"], status: .degraded)) == .degraded)
        #expect(router.status(of: model(["a"], status: .offline)) == .offline)
    }

    @Test func `only one of many calls probes a target that broke down`() async {
        breakDown("a")
        clock.advance(by: 1_000)
        let attempts = await withTaskGroup(of: Attempt?.self) { group in
            for _ in 0..<100 {
                group.addTask { router.next(for: model(["a"]), after: AttemptHistory()) }
            }
            return await group.reduce(into: 0) { $0 += $1 == nil ? 0 : 1 }
        }
        #expect(attempts == 1)
    }
}
