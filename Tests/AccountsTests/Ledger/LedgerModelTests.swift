import Database
import TestSupport
import Testing

@testable import Accounts

/// Random operations, compared with books that are kept the simplest way.
struct LedgerModelTests {
    /// One user's books in memory.
    private struct Model {
        var credited: Int64 = 0
        var spent: Int64 = 0
        var held: [UUIDv7: Int64] = [:]
        var rows: [UsageRow] = []

        var left: Int64 { credited - spent - held.values.reduce(0, +) }

        /// What a run must cost in cents, by the definition: the growth of the rounded running total.
        mutating func charge(_ cost: Int64) -> Int64 {
            let before = (spent + 5_000_000) / 10_000_000
            spent += cost
            return (spent + 5_000_000) / 10_000_000 - before
        }
    }

    @Test(arguments: BooksKind.allCases, [1, 2])
    func `random operations leave the books as they should be`(kind: BooksKind, seed: UInt64) async throws {
        try await withBooks(kind) { books in
            var generator = SeededGenerator(seed: seed)
            var models: [UserID: Model] = [:]
            var principals: [Principal] = []
            for _ in 0..<3 {
                let user = try await books.makeUser()
                models[user] = Model()
                principals += [books.session(of: user), books.makeKey(of: user), books.makeKey(of: user)]
            }
            var open: [(Reservation, Principal)] = []
            for step in 0..<600 {
                books.clock.advance(by: .random(in: 0...36_000_000, using: &generator))
                // Hours pass, but nobody died.
                try await books.ledger.renewLeases()
                let principal = principals.random(using: &generator)
                let user = principal.userID
                switch Int.random(in: 0..<10, using: &generator) {
                case 0:
                    let cents = Int64.random(in: -20...60, using: &generator)
                    guard cents != 0 else { continue }
                    models[user]!.credited += cents * 10_000_000
                    let balance = try await books.ledger.credit(
                        user, cents: cents, source: .operator, reference: "\(step)", reason: "test")
                    #expect(balance.exact.value == models[user]!.credited - models[user]!.spent)
                case 1..<6:
                    let amount = Int64.random(in: 0...80_000_000, using: &generator)
                    let fits = amount == 0 || models[user]!.left >= amount
                    do throws(AccountsError) {
                        let reservation = try await books.ledger.reserve(NanoDollars(amount), for: principal)
                        #expect(fits, "step \(step)")
                        models[user]!.held[reservation.id] = amount
                        open.append((reservation, principal))
                    } catch {
                        #expect(!fits, "step \(step)")
                        #expect(error.code == .insufficientCredit)
                    }
                default:
                    guard let index = open.indices.randomElement(using: &generator) else { continue }
                    let (reservation, principal) = open.remove(at: index)
                    let user = principal.userID
                    models[user]!.held[reservation.id] = nil
                    guard Int.random(in: 0..<4, using: &generator) > 0 else {
                        await books.ledger.release(reservation)
                        continue
                    }
                    let cost = Int64.random(in: 0...(reservation.amount.value + 1_000), using: &generator)
                    let usage = RunUsage.stub(
                        runID: "run_\(step)", model: ["a", "b"].random(using: &generator),
                        inputTokens: .random(in: 0...999, using: &generator), cost: NanoDollars(cost),
                        outcome: RunOutcome.ofUsage.random(using: &generator))
                    let row = try await books.ledger.settle(reservation, as: usage)
                    #expect(row.costCents == models[user]!.charge(cost), "step \(step)")
                    #expect(row == UsageRow(usage, of: reservation, costCents: row.costCents))
                    models[user]!.rows.append(row)
                }
            }
            try await Self.compare(books, models)
        }
    }

    private static func compare(_ books: Books, _ models: [UserID: Model]) async throws {
        for (user, model) in models {
            let balance = try await books.ledger.balance(of: user)
            #expect(balance.exact.value == model.credited - model.spent)
            #expect(balance.spent.value == model.spent)
            #expect(balance.cents == model.credited / 10_000_000 - model.rows.reduce(0) { $0 + $1.costCents })
            let summary = try await books.usage.summary(UsageFilter(userID: user))
            #expect(summary == UsageTotals(of: model.rows))
            let log = try await books.usage.logs(UsageFilter(userID: user), limit: 1_000)
            #expect(Set(log.rows) == Set(model.rows))
            #expect(log.rows.count == model.rows.count)
        }
        #expect(try await books.ledger.discrepancies() == [])
    }
}
