import Database
import Synchronization
import Testing

@testable import Accounts

@Suite(.timeLimit(.minutes(2)))
struct TurnstileTests {
    /// A way in that is shut until somebody opens it.
    private final class Door: Sendable {
        private let stream: AsyncStream<Never>
        private let continuation: AsyncStream<Never>.Continuation

        init() {
            (stream, continuation) = AsyncStream.makeStream()
        }

        func open() { continuation.finish() }

        /// Not left by being cancelled.
        func wait() async {
            await Task { for await _ in stream {} }.value
        }
    }

    /// Who has come in, in order.
    private final class Arrivals: Sendable {
        private let list = Mutex<[Int]>([])

        var numbers: [Int] { list.withLock { $0 } }

        func note(_ number: Int) { list.withLock { $0.append(number) } }
    }

    private let turnstile = Turnstile(insideCountMax: 1, waitingCountMax: 3)
    private let arrivals = Arrivals()

    private func visitor(_ number: Int, door: Door? = nil) -> Task<Void, any Error> {
        Task {
            try await turnstile.pass { () throws(AccountsError) in
                arrivals.note(number)
                await door?.wait()
            }
        }
    }

    @Test func `whoever came first goes first`() async throws {
        let door = Door()
        var visitors = [visitor(0, door: door)]
        await until { arrivals.numbers.count == 1 }
        for number in 1...3 {
            visitors.append(visitor(number))
            await until { turnstile.waitingCount == number }
        }
        door.open()
        for visitor in visitors { try await visitor.value }
        #expect(arrivals.numbers == [0, 1, 2, 3])
        #expect(turnstile.isEmpty)
    }

    @Test func `whoever is cancelled leaves the line, and the others move up`() async throws {
        let door = Door()
        var visitors = [visitor(0, door: door)]
        await until { arrivals.numbers.count == 1 }
        for number in 1...3 {
            visitors.append(visitor(number))
            await until { turnstile.waitingCount == number }
        }
        visitors[2].cancel()
        let error = await #expect(throws: AccountsError.self) { try await visitors[2].value }
        #expect(error?.underlying?.code == .cancelled)
        visitors.append(visitor(4))
        await until { turnstile.waitingCount == 3 }
        door.open()
        for number in [0, 1, 3, 4] { try await visitors[number].value }
        #expect(arrivals.numbers == [0, 1, 3, 4])
        #expect(turnstile.isEmpty)
    }

    @Test func `whoever comes cancelled does not get in`() async throws {
        let door = Door()
        let late = Task {
            await door.wait()
            try await turnstile.pass { () throws(AccountsError) in arrivals.note(1) }
        }
        late.cancel()
        door.open()
        let error = await #expect(throws: AccountsError.self) { try await late.value }
        #expect(error?.underlying?.code == .cancelled)
        #expect(arrivals.numbers.isEmpty)
        #expect(turnstile.isEmpty)
    }

    @Test func `whoever is cancelled inside goes on, and leaves in the end`() async throws {
        let door = Door()
        let inside = visitor(0, door: door)
        await until { arrivals.numbers.count == 1 }
        inside.cancel()
        let next = visitor(1)
        await until { turnstile.waitingCount == 1 }
        #expect(arrivals.numbers == [0])
        door.open()
        for visitor in [inside, next] { try await visitor.value }
        #expect(turnstile.isEmpty)
    }

    @Test func `whoever fails makes way too`() async throws {
        await #expect(throws: AccountsError(.invalidCredentials, "")) {
            try await turnstile.pass { () throws(AccountsError) in throw AccountsError(.invalidCredentials, "") }
        }
        try await visitor(1).value
    }

    @Test func `coming and being cancelled at once leaves no trace`() async throws {
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<2000 {
                group.addTask {
                    let visitor = visitor(number)
                    if number % 2 == 0 { visitor.cancel() }
                    // Some get in, some are refused, some are cancelled.
                    _ = await visitor.result
                }
            }
        }
        #expect(turnstile.isEmpty)
        try await visitor(0).value
    }
}
