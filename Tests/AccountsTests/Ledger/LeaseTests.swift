import Database
import TestSupport
import Testing

@testable import Accounts

/// What becomes of reservations whose process is gone.
struct LeaseTests {
    private static func rowCount(_ books: Books) async throws -> Int {
        try await books.database.query("SELECT id FROM reservations").count
    }

    @Test(arguments: BooksKind.leased)
    func `credit held by a process that died comes back after a minute`(kind: BooksKind) async throws {
        try await withTwoBooks(kind) { dead, alive in
            let user = try await dead.makeUser(cents: 10)
            let key = dead.makeKey(of: user, budgetCents: 10)
            _ = try await dead.ledger.reserve(.cents(10), for: key)
            dead.clock.advance(by: 59_999)
            for principal in [key, dead.session(of: user)] {
                await #expect(throws: AccountsError.self) { try await alive.ledger.reserve(.cents(1), for: principal) }
            }
            dead.clock.advance(by: 1)
            _ = try await alive.ledger.reserve(.cents(10), for: key)
        }
    }

    @Test(arguments: BooksKind.leased)
    func `a process that lives keeps what it holds`(kind: BooksKind) async throws {
        try await withTwoBooks(kind) { one, other in
            let user = try await one.makeUser(cents: 10)
            let session = one.session(of: user)
            let mine = try await one.ledger.reserve(.cents(6), for: session)
            _ = try await other.ledger.reserve(.cents(3), for: session)
            for _ in 0..<5 {
                one.clock.advance(by: 20_000)
                try await one.ledger.renewLeases()
            }
            // The other's three cents came back, mine did not.
            await #expect(throws: AccountsError(.insufficientCredit, "")) {
                try await other.ledger.reserve(NanoDollars(40_000_001), for: session)
            }
            _ = try await other.ledger.reserve(.cents(4), for: session)
            _ = try await one.ledger.settle(mine, as: .stub(cost: .cents(6)))
            #expect(try await one.ledger.balance(of: user).exact == .cents(4))
        }
    }

    @Test(arguments: BooksKind.leased)
    func `rows of ended reservations are gone, and those of dead processes in time`(kind: BooksKind) async throws {
        try await withTwoBooks(kind) { dead, alive in
            let session = dead.session(of: try await dead.makeUser(cents: 10))
            await alive.ledger.release(try await alive.ledger.reserve(.cents(1), for: session))
            try await alive.spend(.cents(1), session)
            #expect(try await Self.rowCount(alive) == 0)
            _ = try await alive.ledger.reserve(.zero, for: session)
            #expect(try await Self.rowCount(alive) == 0)

            _ = try await dead.ledger.reserve(.cents(1), for: session)
            alive.clock.advance(by: 660_000)
            try await alive.ledger.renewLeases()
            #expect(try await Self.rowCount(alive) == 1)
            alive.clock.advance(by: 1)
            try await alive.ledger.renewLeases()
            #expect(try await Self.rowCount(alive) == 0)
        }
    }

    @Test(arguments: BooksKind.leased)
    func `a row that was left though its run had ended is deleted`(kind: BooksKind) async throws {
        try await withBooks(kind) { books in
            let session = books.session(of: try await books.makeUser(cents: 10))
            let ended = try await books.ledger.reserve(.cents(4), for: session)
            let held = try await books.ledger.reserve(.cents(5), for: session)
            let rows = try await books.database.query("SELECT owner, user_id FROM reservations")
            await books.ledger.release(ended)
            // As if the connection had broken before the row was deleted.
            let owner = try #require(rows.first).decode("owner", as: String.self)
            try await books.database.execute(
                """
                INSERT INTO reservations (id, user_id, month_at, amount_nano, owner, expires_at)
                VALUES (\(ended.id), \(ended.userID), 0, \(ended.amount), \(owner), \(books.clock.now + 60_000))
                """)
            await #expect(throws: AccountsError(.insufficientCredit, "")) {
                try await books.ledger.reserve(.cents(5), for: session)
            }
            try await books.ledger.renewLeases()
            _ = try await books.ledger.reserve(.cents(5), for: session)
            #expect(try await Self.rowCount(books) == 2)
            await books.ledger.release(held)
        }
    }

    /// A reservation that was repeated by its caller after its lease ended, and settled at last.
    @Test(arguments: BooksKind.leased)
    func `a run whose lease has ended is charged all the same`(kind: BooksKind) async throws {
        try await withTwoBooks(kind) { slow, other in
            let session = slow.session(of: try await slow.makeUser(cents: 10))
            let reservation = try await slow.ledger.reserve(.cents(10), for: session)
            slow.clock.advance(by: 1_000_000)
            try await other.ledger.renewLeases()
            try await other.spend(.cents(10), session)
            _ = try await slow.ledger.settle(reservation, as: .stub(cost: .cents(10)))
            #expect(try await slow.ledger.balance(of: session.userID).exact == .cents(-10))
        }
    }
}
