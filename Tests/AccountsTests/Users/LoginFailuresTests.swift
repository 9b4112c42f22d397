import Database
import TestSupport
import Testing

@testable import Accounts

@Suite(.timeLimit(.minutes(2)))
struct LoginFailuresTests {
    private static let day: Int64 = 24 * 3600 * 1000

    /// What a login is answered with: nil if it is let in.
    private func answer(
        _ installation: Installation, _ password: String, for email: String = "a@b"
    ) async -> AccountsError? {
        do throws(AccountsError) {
            _ = try await installation.signIn.logIn(email: email, password: password)
            return nil
        } catch {
            return error
        }
    }

    private func fail(_ count: Int, _ installation: Installation, _ email: String = "a@b") async {
        for _ in 0..<count {
            let error = await answer(installation, "wrong password", for: email)
            #expect(error?.code == .invalidCredentials)
        }
    }

    @Test(arguments: TestEngine.allCases, ["a@b", "nobody@b"])
    func `after ten failures in a row even the right password waits, unseen`(
        engine: TestEngine, email: String
    ) async throws {
        try await withInstallation(engine) { installation in
            _ = try await installation.store.createUser(email: "a@b", name: "", password: "password")
            await fail(10, installation, email)
            let comparedCount = installation.passwords.seen.compared.count
            for (step, seconds) in [(0, 1), (1, 1), (998, 1)] {
                installation.clock.advance(by: Int64(step))
                let error = await answer(installation, "password", for: email.uppercased())
                #expect(error?.code == .tooManyFailures)
                #expect(error?.retryAfterSeconds == seconds)
            }
            #expect(installation.passwords.seen.compared.count == comparedCount)
            installation.clock.advance(by: 1)
            let error = await answer(installation, "password", for: email)
            #expect(error?.code == (email == "a@b" ? nil : .invalidCredentials))
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `other addresses are not held up`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            _ = try await installation.store.createUser(email: "a@b", name: "", password: "password")
            await fail(10, installation, "nobody@b")
            let error = await answer(installation, "password")
            #expect(error == nil)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `each further failure doubles the delay, up to 15 minutes`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            await fail(9, installation)
            for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
                await fail(1, installation)
                let early = await answer(installation, "password")
                #expect(early?.retryAfterSeconds == seconds)
                installation.clock.advance(by: Int64(seconds) * 1000 - 1)
                let late = await answer(installation, "password")
                #expect(late?.retryAfterSeconds == 1)
                installation.clock.advance(by: 1)
            }
        }
    }

    @Test func `any number of failures has a delay`() {
        for count in [10, 40, 63, 64, 1_000_000, Int.max] {
            let failures = LoginFailures(count: count, lastFailedAt: 0)
            #expect(failures.remainingSeconds(at: 0) == (count == 10 ? 1 : 900))
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a clock that was set back never names a longer delay`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            await fail(10, installation)
            installation.clock.advance(by: -3_600_000)
            let error = await answer(installation, "password")
            #expect(error?.retryAfterSeconds == 1)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a success ends the row`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            _ = try await installation.store.createUser(email: "a@b", name: "", password: "password")
            for _ in 0..<2 {
                await fail(9, installation)
                let error = await answer(installation, "password")
                #expect(error == nil)
            }
            await fail(10, installation)
            let refused = await answer(installation, "password")
            #expect(refused?.code == .tooManyFailures)
            installation.clock.advance(by: 1000)
            let error = await answer(installation, "password")
            #expect(error == nil)
            await fail(10, installation)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `failures count across processes`(engine: TestEngine) async throws {
        try await withTwoProcesses(engine) { one, other in
            _ = try await one.store.createUser(email: "a@b", name: "", password: "password")
            await fail(5, one)
            await fail(5, other)
            for process in [one, other] {
                let error = await answer(process, "password")
                #expect(error?.code == .tooManyFailures)
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `guessing in parallel gains no more than a few guesses`(engine: TestEngine) async throws {
        try await withTwoProcesses(engine) { one, other in
            _ = try await one.store.createUser(email: "a@b", name: "", password: "password")
            let codes = await withTaskGroup(of: AccountsError.Code?.self) { group in
                for number in 0..<60 {
                    group.addTask { await answer(number % 2 == 0 ? one : other, "guess \(number)")?.code }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.allSatisfy { $0 == .invalidCredentials || $0 == .tooManyFailures })
            // Two processes look at two passwords at once, of which the tenth failure may be any.
            let lookedAt = one.passwords.seen.compared.count + other.passwords.seen.compared.count
            #expect((10...13).contains(lookedAt))
            #expect(codes.count { $0 == .invalidCredentials } == lookedAt)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `many right logins at once are all let in`(engine: TestEngine) async throws {
        try await withTwoProcesses(engine) { one, other in
            _ = try await one.store.createUser(email: "a@b", name: "", password: "password")
            await fail(9, one)
            let errors = await withTaskGroup(of: AccountsError?.self) { group in
                for number in 0..<40 {
                    group.addTask { await answer(number % 2 == 0 ? one : other, "password") }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(errors.allSatisfy { $0 == nil })
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `hanging up does not make a guess free`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            for _ in 0..<10 {
                try await installation.passwords.hold {
                    let guess = Task { await answer(installation, "wrong password") }
                    await until { installation.passwords.seen.runningCount == 1 }
                    guess.cancel()
                }
                await until { installation.passwords.seen.runningCount == 0 }
                await until { installation.store.passwords.turnstile.isEmpty }
            }
            let error = await answer(installation, "password")
            #expect(error?.code == .tooManyFailures)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `failures are forgotten after a day`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            for email in ["a@b", "nobody@b"] { await fail(9, installation, email) }
            installation.clock.advance(by: Self.day - 1)
            await fail(1, installation, "c@d")
            let kept = try await installation.database.query("SELECT failure_count FROM login_failures")
            #expect(kept.count == 3)
            installation.clock.advance(by: 1)
            await fail(1, installation)
            let rows = try await installation.database.query(
                "SELECT failure_count FROM login_failures ORDER BY failure_count")
            #expect(try rows.map { try $0.decode("failure_count", as: Int.self) } == [1, 1])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a flood of addresses drains faster than it came`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            await fail(10, installation)
            let old = installation.clock.now - Self.day
            for number in 0..<150 {
                let hash = [UInt8](repeating: UInt8(number), count: 32)
                try await installation.database.execute(
                    """
                    INSERT INTO login_failures (address_hash, failure_count, last_failed_at)
                    VALUES (\(hash), 20, \(old - 1))
                    """)
            }
            try await installation.database.execute(
                "UPDATE login_failures SET last_failed_at = \(old) WHERE failure_count = 10")
            await fail(2, installation)
            let rows = try await installation.database.query("SELECT failure_count FROM login_failures")
            #expect(try rows.map { try $0.decode("failure_count", as: Int.self) } == [2])
        }
    }
}
