import Database
import TestSupport
import Testing

@testable import Accounts

struct MemoryReservationsTests {
    private static func withReservations(
        _ body: (Books, MemoryReservations) async throws -> Void
    ) async throws {
        try await withBooks(.memoryOnSQLite) { books in
            let reservations = try #require(books.ledger.reservations as? MemoryReservations)
            try await body(books, reservations)
        }
    }

    @Test func `users with nothing reserved are forgotten when there are many`() async throws {
        try await Self.withReservations { books, reservations in
            let user = try await books.makeUser(cents: 10)
            let held = try await books.ledger.reserve(.cents(7), for: books.session(of: user))
            let strangers = MemoryReservations.idleUserCountMax + 100
            for _ in 0..<strangers {
                let stranger = books.makeKey(of: try #require(books.makeKey(of: user).keyID.map(UserID.init)))
                let reservation = try? await books.ledger.reserve(.cents(1), for: stranger)
                #expect(reservation == nil)
            }
            #expect(reservations.userCount <= MemoryReservations.idleUserCountMax)
            await #expect(throws: AccountsError(.insufficientCredit, "")) {
                try await books.ledger.reserve(.cents(4), for: books.session(of: user))
            }
            await books.ledger.release(held)
            _ = try await books.ledger.reserve(.cents(10), for: books.session(of: user))
        }
    }

    @Test func `an account is read again after a while, should nobody have announced a change`() async throws {
        try await Self.withReservations { books, _ in
            let session = books.session(of: try await books.makeUser(cents: 10))
            await books.ledger.release(try await books.ledger.reserve(.cents(1), for: session))
            // Credit taken back by a process that died before it could tell.
            let user = session.userID
            try await books.database.write { connection throws(DatabaseError) in
                let before = try LedgerAccount.read(user, connection)
                guard let after = try? before.credited(.cents(-10)) else { return }
                let entry = LedgerEntry(counterAccount: "operator", reference: "x", reason: "x", createdAt: 0)
                try entry.store(for: user, from: before, to: after, connection)
            }
            await books.ledger.release(try await books.ledger.reserve(.cents(1), for: session))
            books.clock.advance(by: MemoryReservations.lifetimeMilliseconds)
            await #expect(throws: AccountsError(.insufficientCredit, "")) {
                try await books.ledger.reserve(.cents(1), for: session)
            }
        }
    }

    /// Reservations of one user by many keys, none of which is ever read again.
    @Test func `what is known of one key is not lost by reserving with another`() async throws {
        try await Self.withReservations { books, _ in
            let user = try await books.makeUser(cents: 10_000)
            let keys = (0..<20).map { _ in books.makeKey(of: user, budgetCents: 10) }
            for round in 1...10 {
                for key in keys { try await books.spend(.cents(1), key) }
                #expect(try await books.ledger.hasSpentBudget(keys[0]) == (round == 10))
            }
            for key in keys {
                await #expect(throws: AccountsError(.budgetExhausted, "")) {
                    try await books.ledger.reserve(NanoDollars(1), for: key)
                }
            }
        }
    }
}
