import Database
import TestSupport
import Testing

@testable import Accounts

/// Asks again when too many wait already, as whoever is told so would.
private func unlessBusy<Value>(
    _ body: () async throws(AccountsError) -> Value
) async throws(AccountsError) -> Value {
    while true {
        do throws(AccountsError) {
            return try await body()
        } catch {
            guard error.underlying?.code == .busy else { throw error }
        }
    }
}

struct ReservationTests {
    /// Tries to spend a cent so many times at once, each as its own task; how many were admitted, and why others were not.
    private static func spendCents(
        _ count: Int, _ principal: Principal, _ books: [Books]
    ) async throws -> (admitted: Int, refused: Set<String>) {
        try await withThrowingTaskGroup(of: AccountsError.Code?.self) { group in
            for index in 0..<count {
                group.addTask {
                    let ledger = books[index % books.count].ledger
                    let reservation: Reservation
                    do throws(AccountsError) {
                        reservation = try await unlessBusy { () async throws(AccountsError) in
                            try await ledger.reserve(.cents(1), for: principal)
                        }
                    } catch {
                        return error.code
                    }
                    await Task.yield()
                    _ = try await unlessBusy { () async throws(AccountsError) in
                        try await ledger.settle(reservation, as: .stub(cost: .cents(1)))
                    }
                    return nil
                }
            }
            var refused: Set<String> = []
            var admitted = 0
            for try await code in group {
                if let code { refused.insert("\(code)") } else { admitted += 1 }
            }
            return (admitted, refused)
        }
    }

    @Test(arguments: BooksKind.allCases)
    func `of 500 parallel spends on a key with a budget of a dollar 100 are admitted`(kind: BooksKind) async throws {
        try await withBooks(kind) { books in
            let user = try await books.makeUser(cents: 10_000)
            let key = books.makeKey(of: user, budgetCents: 100)
            let outcome = try await Self.spendCents(500, key, [books])
            #expect(outcome.admitted == 100)
            #expect(outcome.refused == ["budgetExhausted"])
            #expect(try await books.ledger.balance(of: user).cents == 9_900)
            #expect(try await books.ledger.discrepancies() == [])
        }
    }

    @Test(arguments: BooksKind.allCases)
    func `of 500 parallel spends on a balance of a dollar 100 are admitted`(kind: BooksKind) async throws {
        try await withBooks(kind) { books in
            let user = try await books.makeUser(cents: 100)
            let outcome = try await Self.spendCents(500, books.session(of: user), [books])
            #expect(outcome.admitted == 100)
            #expect(outcome.refused == ["insufficientCredit"])
            #expect(try await books.ledger.balance(of: user).exact == .zero)
        }
    }

    @Test(arguments: BooksKind.leased)
    func `two processes together admit what one would`(kind: BooksKind) async throws {
        try await withTwoBooks(kind) { one, other in
            let user = try await one.makeUser(cents: 250)
            let key = one.makeKey(of: user, budgetCents: 100)
            #expect(try await Self.spendCents(500, key, [one, other]).admitted == 100)
            #expect(try await Self.spendCents(500, one.session(of: user), [one, other]).admitted == 150)
            #expect(try await one.ledger.balance(of: user).exact == .zero)
            #expect(try await other.ledger.discrepancies() == [])
        }
    }

    /// Each task holds a cent of a dollar and settles it for nothing, so that a hundred always fit.
    @Test(arguments: BooksKind.allCases)
    func `nothing that fits is refused while runs are being settled`(kind: BooksKind) async throws {
        try await withBooks(kind) { books in
            let user = try await books.makeUser(cents: 100)
            let key = books.makeKey(of: user, budgetCents: 90)
            try await withThrowingTaskGroup { group in
                for index in 0..<80 {
                    group.addTask {
                        for _ in 0..<10 {
                            let reservation = try await books.ledger.reserve(.cents(1), for: key)
                            let cost = NanoDollars(index.isMultiple(of: 4) ? 0 : 1_000)
                            _ = try await books.ledger.settle(reservation, as: .stub(cost: cost))
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await books.ledger.balance(of: user).spent == NanoDollars(600_000))
        }
    }

    @Test(arguments: BooksKind.allCases)
    func `what is reserved is gone until it is settled or released`(kind: BooksKind) async throws {
        try await withBooks(kind) { books in
            let user = try await books.makeUser(cents: 10)
            let session = books.session(of: user)
            let first = try await books.ledger.reserve(.cents(6), for: session)
            let second = try await books.ledger.reserve(.cents(4), for: session)
            await #expect(throws: AccountsError(.insufficientCredit, "")) {
                try await books.ledger.reserve(NanoDollars(1), for: session)
            }
            await books.ledger.release(first)
            await books.ledger.release(first)
            _ = try await books.ledger.settle(second, as: .stub(cost: .cents(1)))
            await books.ledger.release(second)
            await #expect(throws: AccountsError(.insufficientCredit, "")) {
                try await books.ledger.reserve(NanoDollars(90_000_001), for: session)
            }
            _ = try await books.ledger.reserve(NanoDollars(90_000_000), for: session)
        }
    }

    @Test(arguments: BooksKind.allCases)
    func `a free run needs no balance and no budget`(kind: BooksKind) async throws {
        try await withBooks(kind) { books in
            let user = try await books.makeUser()
            let key = books.makeKey(of: user, budgetCents: 0)
            let row = try await books.spend(.zero, key)
            #expect(row.costCents == 0)
            await #expect(throws: AccountsError(.insufficientCredit, "")) {
                try await books.ledger.reserve(NanoDollars(1), for: key)
            }
            _ = try await books.ledger.credit(user, cents: 1, source: .operator, reference: "1", reason: "test")
            await #expect(throws: AccountsError(.budgetExhausted, "")) {
                try await books.ledger.reserve(NanoDollars(1), for: key)
            }
            await #expect(throws: AccountsError(.invalidAmount, "")) {
                try await books.ledger.reserve(NanoDollars(-1), for: key)
            }
        }
    }

    @Test(arguments: BooksKind.allCases)
    func `a budget is for one key`(kind: BooksKind) async throws {
        try await withBooks(kind) { books in
            let user = try await books.makeUser(cents: 100)
            let (one, other) = (books.makeKey(of: user, budgetCents: 5), books.makeKey(of: user, budgetCents: 5))
            try await books.spend(.cents(3), one)
            _ = try await books.ledger.reserve(.cents(2), for: one)
            _ = try await books.ledger.reserve(.cents(5), for: other)
            for key in [one, other] {
                await #expect(throws: AccountsError(.budgetExhausted, "")) {
                    try await books.ledger.reserve(NanoDollars(1), for: key)
                }
            }
            _ = try await books.ledger.reserve(.cents(90), for: books.session(of: user))
        }
    }

    @Test(arguments: BooksKind.allCases)
    func `a budget too large for any account is no limit`(kind: BooksKind) async throws {
        try await withBooks(kind) { books in
            let user = try await books.makeUser(cents: 100)
            let key = books.makeKey(of: user, budgetCents: 1_000_000_000_000)
            try await books.spend(.cents(100), key)
            #expect(try await books.ledger.hasSpentBudget(key) == false)
        }
    }

    @Test(arguments: BooksKind.allCases)
    func `a run belongs to the month in which it was reserved`(kind: BooksKind) async throws {
        try await withBooks(kind) { books in
            let user = try await books.makeUser(cents: 100)
            let key = books.makeKey(of: user, budgetCents: 10)
            // The last minute of November 2023.
            books.clock.advance(by: 1_701_388_740_000 - books.clock.now)
            let old = try await books.ledger.reserve(.cents(10), for: key)
            books.clock.advance(by: 50_000)
            await #expect(throws: AccountsError(.budgetExhausted, "")) {
                try await books.ledger.reserve(.cents(1), for: key)
            }
            books.clock.advance(by: 10_000)
            let new = try await books.ledger.reserve(.cents(4), for: key)
            let row = try await books.ledger.settle(old, as: .stub(cost: .cents(10)))
            #expect(row.createdAt == 1_701_388_740_000)
            #expect(try await books.ledger.hasSpentBudget(key) == false)
            _ = try await books.ledger.reserve(.cents(6), for: key)
            await #expect(throws: AccountsError(.budgetExhausted, "")) {
                try await books.ledger.reserve(NanoDollars(1), for: key)
            }
            _ = try await books.ledger.settle(new, as: .stub(cost: .cents(10)))
            #expect(try await books.ledger.hasSpentBudget(key))
        }
    }

    @Test(arguments: BooksKind.allCases)
    func `a run that costs more than was reserved is charged in full`(kind: BooksKind) async throws {
        try await withBooks(kind) { books in
            let user = try await books.makeUser(cents: 10)
            let key = books.makeKey(of: user, budgetCents: 10)
            let reservation = try await books.ledger.reserve(.cents(10), for: key)
            _ = try await books.ledger.settle(reservation, as: .stub(cost: NanoDollars(115_000_000)))
            let balance = try await books.ledger.balance(of: user)
            #expect(balance.exact == NanoDollars(-15_000_000))
            #expect(balance.cents == -2)
            await #expect(throws: AccountsError(.insufficientCredit, "")) {
                try await books.ledger.reserve(NanoDollars(1), for: key)
            }
            _ = try await books.ledger.credit(user, cents: 3, source: .operator, reference: "1", reason: "test")
            _ = try await books.ledger.reserve(.cents(1), for: books.session(of: user))
        }
    }

    @Test(arguments: BooksKind.allCases)
    func `credit counts with the next reservation, whoever gave it`(kind: BooksKind) async throws {
        try await withTwoBooks(kind) { server, command in
            let user = try await server.makeUser(cents: 1)
            let session = server.session(of: user)
            _ = try await server.ledger.reserve(.cents(1), for: session)
            _ = try await command.ledger.credit(user, cents: 2, source: .operator, reference: "a", reason: "test")
            _ = try await server.ledger.reserve(.cents(2), for: session)
            _ = try await command.ledger.credit(user, cents: -3, source: .operator, reference: "b", reason: "test")
            await #expect(throws: AccountsError(.insufficientCredit, "")) {
                try await server.ledger.reserve(NanoDollars(1), for: session)
            }
            _ = try await command.ledger.credit(user, cents: 4, source: .operator, reference: "c", reason: "test")
            _ = try await server.ledger.reserve(.cents(1), for: session)
        }
    }

    @Test(arguments: BooksKind.allCases)
    func `credit that another process takes back can't be reserved any more`(kind: BooksKind) async throws {
        try await withTwoBooks(kind) { server, command in
            let user = try await server.makeUser(cents: 10)
            let session = server.session(of: user)
            await server.ledger.release(try await server.ledger.reserve(.cents(1), for: session))
            _ = try await command.ledger.credit(user, cents: -10, source: .operator, reference: "a", reason: "test")
            await #expect(throws: AccountsError(.insufficientCredit, "")) {
                try await server.ledger.reserve(.cents(1), for: session)
            }
        }
    }

    /// Credits come between the runs of several tasks, in the ledger and in what is remembered.
    @Test func `credit taken back while runs are settled is not spent`() async throws {
        try await withTwoBooks(.memoryOnSQLite) { server, command in
            let user = try await server.makeUser(cents: 100)
            let session = server.session(of: user)
            let admitted = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        var admitted = 0
                        for _ in 0..<40 {
                            // Refused, mostly, once the credit is used up.
                            if (try? await server.spend(.cents(1), session)) != nil { admitted += 1 }
                        }
                        return admitted
                    }
                }
                group.addTask {
                    for index in 0..<20 {
                        let cents: Int64 = index.isMultiple(of: 2) ? 2 : -1
                        _ = try await command.ledger.credit(
                            user, cents: cents, source: .operator, reference: "\(index)", reason: "test")
                    }
                    return 0
                }
                return try await group.reduce(0, +)
            }
            #expect(admitted <= 120)
            let left = try await server.ledger.balance(of: user).exact
            #expect(left >= .cents(-10))
            if left > .zero { _ = try await server.ledger.reserve(left, for: session) }
            await #expect(throws: AccountsError(.insufficientCredit, "")) {
                try await server.ledger.reserve(NanoDollars(1), for: session)
            }
        }
    }
}
