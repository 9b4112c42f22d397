import Database
import TestSupport
import Testing

@testable import Accounts

struct CreditTests {
    @Test(arguments: BooksKind.allCases)
    func `a reference is credited once`(kind: BooksKind) async throws {
        try await withBooks(kind) { books in
            let (user, other) = (try await books.makeUser(), try await books.makeUser())
            for _ in 0..<2 {
                let balance = try await books.ledger.credit(
                    user, cents: 250, source: .stripe, reference: "cs_1", reason: "top-up")
                #expect(balance.cents == 250)
            }
            for (who, cents) in [(user, Int64(251)), (other, 250)] {
                await #expect(throws: AccountsError(.conflictingReference, "")) {
                    try await books.ledger.credit(
                        who, cents: cents, source: .stripe, reference: "cs_1", reason: "top-up")
                }
            }
            let balance = try await books.ledger.credit(
                user, cents: 1, source: .operator, reference: "cs_1", reason: "another source")
            #expect(balance.cents == 251)
            #expect(try await books.ledger.balance(of: other).cents == 0)
        }
    }

    @Test(arguments: BooksKind.leased)
    func `a reference that several processes credit at once is credited once`(kind: BooksKind) async throws {
        try await withTwoBooks(kind) { one, other in
            let users = [try await one.makeUser(), try await one.makeUser()]
            let credited = await withTaskGroup(of: Bool.self) { group in
                for index in 0..<20 {
                    group.addTask {
                        let ledger = index.isMultiple(of: 2) ? one.ledger : other.ledger
                        do throws(AccountsError) {
                            _ = try await ledger.credit(
                                users[index % 2], cents: 5, source: .stripe, reference: "cs_1", reason: "top-up")
                            return true
                        } catch {
                            return error.code != .conflictingReference
                        }
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(credited == 10)
            let cents = [
                try await one.ledger.balance(of: users[0]).cents, try await one.ledger.balance(of: users[1]).cents,
            ]
            #expect(Set(cents) == [0, 5])
        }
    }

    @Test(arguments: BooksKind.allCases)
    func `credit can be taken back, below zero`(kind: BooksKind) async throws {
        try await withBooks(kind) { books in
            let user = try await books.makeUser(cents: 5)
            let balance = try await books.ledger.credit(
                user, cents: -8, source: .operator, reference: "refund", reason: "charge-back")
            #expect(balance.cents == -3)
            #expect(balance.exact == .cents(-3))
        }
    }

    @Test(arguments: BooksKind.allCases)
    func `a credit that makes no sense is refused`(kind: BooksKind) async throws {
        try await withBooks(kind) { books in
            let user = try await books.makeUser()
            for cents in [0, 10_000_000_001, -10_000_000_001, Int64.max, .min] {
                await #expect(throws: AccountsError(.invalidAmount, ""), "\(cents)") {
                    try await books.ledger.credit(
                        user, cents: cents, source: .operator, reference: "1", reason: "test")
                }
            }
            for text in ["", "a\nb", "nul\0", String(repeating: "é", count: 251)] {
                await #expect(throws: AccountsError(.invalidReason, ""), "\(text)") {
                    try await books.ledger.credit(user, cents: 1, source: .operator, reference: "1", reason: text)
                }
                await #expect(throws: AccountsError(.invalidReason, ""), "\(text)") {
                    try await books.ledger.credit(user, cents: 1, source: .operator, reference: text, reason: "test")
                }
            }
            let stranger = books.makeKey(of: user).keyID.map(UserID.init)
            await #expect(throws: AccountsError(.userNotFound, "")) {
                try await books.ledger.credit(
                    try #require(stranger), cents: 1, source: .operator, reference: "1", reason: "test")
            }
            #expect(try await books.ledger.balance(of: user).exact == .zero)
        }
    }

    @Test(arguments: BooksKind.allCases)
    func `a balance that would leave the range is refused`(kind: BooksKind) async throws {
        try await withBooks(kind) { books in
            let user = try await books.makeUser()
            for index in 0..<92 {
                _ = try await books.ledger.credit(
                    user, cents: 10_000_000_000, source: .operator, reference: "\(index)", reason: "test")
            }
            await #expect(throws: AccountsError(.invalidAmount, "")) {
                try await books.ledger.credit(
                    user, cents: 10_000_000_000, source: .operator, reference: "one too many", reason: "test")
            }
            let all = try await books.ledger.balance(of: user)
            #expect(all.cents == 920_000_000_000)
            let reservation = try await books.ledger.reserve(all.exact, for: books.session(of: user))
            await #expect(throws: AccountsError(.insufficientCredit, "")) {
                try await books.ledger.reserve(NanoDollars(1), for: books.session(of: user))
            }
            await books.ledger.release(reservation)
        }
    }
}
