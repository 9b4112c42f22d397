import Database
import TestSupport
import Testing

@testable import Accounts

/// Every promise twice: with buckets in memory and, on each engine, in the database.
struct KeyRateLimiterTests {
    private let clock = TestClock()
    private let key: UUIDv7

    init() {
        var generator = SystemRandomNumberGenerator()
        key = UUIDv7(milliseconds: 1, using: &generator)
    }

    private func limiter(_ database: Database, isShared: Bool = true) -> KeyRateLimiter {
        KeyRateLimiter(database: database, isShared: isShared) { [clock] in clock.now }
    }

    /// How many of so many requests at once are admitted.
    private func admitted(_ count: Int, by limiter: KeyRateLimiter, perMinute: Int) async throws -> Int {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<count {
                group.addTask { [key] in try await limiter.admit(key, perMinute: perMinute).isAdmitted }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
    }

    private func expectAdmitted(
        _ expected: Int, of count: Int, by limiter: KeyRateLimiter, perMinute: Int,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let admitted = try await admitted(count, by: limiter, perMinute: perMinute)
        #expect(admitted == expected, sourceLocation: sourceLocation)
    }

    @Test(arguments: TestEngine.allCases, [false, true])
    func `of a thousand requests at once the limit's number is admitted, and after a while what was refilled`(
        engine: TestEngine, isShared: Bool
    ) async throws {
        try await withDatabase(engine, migrations: AccountStore.migrations) { database in
            let limiter = limiter(database, isShared: isShared)
            try await expectAdmitted(120, of: 1000, by: limiter, perMinute: 120)
            clock.advance(by: 10_000)
            try await expectAdmitted(20, of: 1000, by: limiter, perMinute: 120)
            clock.advance(by: 3_600_000)
            try await expectAdmitted(120, of: 1000, by: limiter, perMinute: 120)
        }
    }

    @Test(arguments: TestEngine.allCases, [false, true])
    func `one request a minute is one request a minute`(engine: TestEngine, isShared: Bool) async throws {
        try await withDatabase(engine, migrations: AccountStore.migrations) { database in
            let limiter = limiter(database, isShared: isShared)
            let first = try await limiter.admit(key, perMinute: 1)
            #expect(first.isAdmitted && first.remaining == 0 && first.resetMilliseconds == 60_000)
            clock.advance(by: 59_999)
            let early = try await limiter.admit(key, perMinute: 1)
            #expect(!early.isAdmitted && early.retryAfterMilliseconds == 1)
            clock.advance(by: 1)
            let due = try await limiter.admit(key, perMinute: 1)
            #expect(due.isAdmitted)
        }
    }

    @Test(arguments: TestEngine.allCases, [false, true])
    func `a limit that is changed counts from the next request on`(engine: TestEngine, isShared: Bool) async throws {
        try await withDatabase(engine, migrations: AccountStore.migrations) { database in
            let limiter = limiter(database, isShared: isShared)
            try await expectAdmitted(100, of: 200, by: limiter, perMinute: 100)
            try await expectAdmitted(0, of: 50, by: limiter, perMinute: 600)
            clock.advance(by: 1000)
            try await expectAdmitted(10, of: 50, by: limiter, perMinute: 600)
            clock.advance(by: 60_000)
            try await expectAdmitted(5, of: 50, by: limiter, perMinute: 5)
        }
    }

    @Test(arguments: TestEngine.allCases, [false, true])
    func `keys have limits of their own, and looking at one counts nothing`(
        engine: TestEngine, isShared: Bool
    ) async throws {
        try await withDatabase(engine, migrations: AccountStore.migrations) { database in
            let limiter = limiter(database, isShared: isShared)
            try await expectAdmitted(3, of: 5, by: limiter, perMinute: 3)
            var generator = SystemRandomNumberGenerator()
            let other = UUIDv7(milliseconds: 2, using: &generator)
            let first = try await limiter.admit(other, perMinute: 3)
            #expect(first.remaining == 2)
            for _ in 0..<5 { #expect(limiter.standing(of: other, perMinute: 3).remaining == 2) }
            #expect(limiter.standing(of: key, perMinute: 3).remaining == 0)
            #expect(limiter.standing(of: key, perMinute: 3).resetMilliseconds == 60_000)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `two processes together admit the limit, give or take a tenth`(engine: TestEngine) async throws {
        let perMinute = 300
        try await withTwoDatabases(engine, migrations: AccountStore.migrations) { one, other in
            let limiters = [limiter(one), limiter(other)]
            func flood() async throws -> Int {
                async let first = admitted(400, by: limiters[0], perMinute: perMinute)
                async let second = admitted(400, by: limiters[1], perMinute: perMinute)
                return try await first + second
            }
            let burst = try await flood()
            #expect(burst == perMinute)
            var later = 0
            for _ in 0..<120 {
                clock.advance(by: 250)
                later += try await flood()
            }
            #expect((perMinute / 2 * 9 / 10...perMinute / 2 * 11 / 10).contains(later))
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a single busy process gets what the limit allows`(engine: TestEngine) async throws {
        try await withTwoDatabases(engine, migrations: AccountStore.migrations) { one, other in
            let (busy, quiet) = (limiter(one), limiter(other))
            _ = try await quiet.admit(key, perMinute: 600)
            var count = 0
            for _ in 0..<300 {
                clock.advance(by: 100)
                if try await busy.admit(key, perMinute: 600).isAdmitted { count += 1 }
            }
            #expect(count == 300)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `tokens that a process leased and did not use are there for others`(engine: TestEngine) async throws {
        try await withTwoDatabases(engine, migrations: AccountStore.migrations) { one, other in
            let slow = limiter(one)
            for _ in 0..<100 {
                clock.advance(by: 1000)
                try await expectAdmitted(1, of: 1, by: slow, perMinute: 1000)
            }
            try await expectAdmitted(980, of: 1000, by: limiter(other), perMinute: 1000)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a refused flood does not touch the database`(engine: TestEngine) async throws {
        try await withDatabase(engine, migrations: AccountStore.migrations) { database in
            let limiter = limiter(database)
            try await expectAdmitted(60, of: 100, by: limiter, perMinute: 60)
            try await database.execute("DROP TABLE rate_limit_buckets")
            clock.advance(by: 999)
            try await expectAdmitted(0, of: 1000, by: limiter, perMinute: 60)
            clock.advance(by: 1)
            let error = await #expect(throws: AccountsError.self) { try await limiter.admit(key, perMinute: 60) }
            #expect(error?.code == .database)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `everyone who waits for a lease that fails is told, and the next request tries again`(
        engine: TestEngine
    ) async throws {
        try await withDatabase(engine, migrations: AccountStore.migrations) { database in
            let limiter = limiter(database)
            try await database.execute("ALTER TABLE rate_limit_buckets RENAME TO elsewhere")
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<100 {
                    group.addTask { [key] in
                        await #expect(throws: AccountsError.self) { try await limiter.admit(key, perMinute: 60) }
                    }
                }
            }
            try await database.execute("ALTER TABLE elsewhere RENAME TO rate_limit_buckets")
            try await expectAdmitted(60, of: 100, by: limiter, perMinute: 60)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a process whose clock is behind neither fills the bucket nor empties it`(engine: TestEngine) async throws {
        try await withTwoDatabases(engine, migrations: AccountStore.migrations) { one, other in
            let ahead = limiter(one)
            let behind = KeyRateLimiter(database: other, isShared: true) { [clock] in clock.now - 5000 }
            var count = try await admitted(100, by: ahead, perMinute: 60)
            for _ in 0..<10 {
                clock.advance(by: 1000)
                count += try await admitted(10, by: behind, perMinute: 60)
                count += try await admitted(10, by: ahead, perMinute: 60)
            }
            #expect(count == 70)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a clock that was set back by hours locks no key out`(engine: TestEngine) async throws {
        try await withDatabase(engine, migrations: AccountStore.migrations) { database in
            try await expectAdmitted(60, of: 100, by: limiter(database), perMinute: 60)
            clock.advance(by: -7_200_000)
            let limiter = limiter(database)
            try await expectAdmitted(0, of: 100, by: limiter, perMinute: 60)
            clock.advance(by: 2000)
            try await expectAdmitted(2, of: 100, by: limiter, perMinute: 60)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `what one process has used up, one that is started later knows`(engine: TestEngine) async throws {
        try await withTwoDatabases(engine, migrations: AccountStore.migrations) { one, other in
            try await expectAdmitted(50, of: 50, by: limiter(one), perMinute: 60)
            try await expectAdmitted(10, of: 50, by: limiter(other), perMinute: 60)
        }
    }
}
