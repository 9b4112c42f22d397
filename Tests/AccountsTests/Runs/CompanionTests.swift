import Database
import TestSupport
import Testing

@testable import Accounts

/// What is stored in the same transaction as a run.
struct CompanionTests {
    /// Leaves a mark, which can be told from one left twice.
    private let mark: TransactionPart = { connection throws(DatabaseError) in
        try connection.execute("INSERT INTO marks (number) VALUES (1)")
    }

    private func marks(_ books: Books) async throws -> Int {
        try await books.database.query("SELECT number FROM marks").count
    }

    private func withMarks(_ kind: BooksKind, _ body: (Books, Principal) async throws -> Void) async throws {
        try await withBooks(kind) { books in
            try await books.database.execute("CREATE TABLE marks (number BIGINT NOT NULL)")
            try await body(books, books.session(of: try await books.makeUser(cents: 10)))
        }
    }

    @Test(arguments: BooksKind.allCases)
    func `it is stored once, however often the run is`(kind: BooksKind) async throws {
        try await withMarks(kind) { books, session in
            for _ in 0..<2 {
                let reservation = try await books.ledger.reserve(.cents(1), for: session)
                let usage = RunUsage.stub(runID: "run_a", cost: .cents(1))
                _ = try await books.ledger.settle(reservation, as: usage, alongWith: mark)
            }
            #expect(try await marks(books) == 1)
            for _ in 0..<2 {
                try await books.ledger.recordRejection(.rejected(runID: "run_b"), for: session, alongWith: mark)
            }
            #expect(try await marks(books) == 2)
        }
    }

    @Test(arguments: BooksKind.allCases)
    func `where it fails, nothing of the run is stored`(kind: BooksKind) async throws {
        try await withMarks(kind) { books, session in
            let failing: TransactionPart = { [mark] connection throws(DatabaseError) in
                try mark(connection)
                throw DatabaseError(.invalidValue, "no leaf")
            }
            let reservation = try await books.ledger.reserve(.cents(10), for: session)
            await #expect(throws: AccountsError(.database, "")) {
                try await books.ledger.settle(
                    reservation, as: .stub(runID: "run_a", cost: .cents(4)), alongWith: failing)
            }
            await #expect(throws: AccountsError(.database, "")) {
                try await books.ledger.recordRejection(.rejected(runID: "run_b"), for: session, alongWith: failing)
            }
            #expect(try await marks(books) == 0)
            #expect(try await books.runs.run("run_a", of: session.userID) == nil)
            #expect(try await books.runs.run("run_b", of: session.userID) == nil)
            #expect(try await books.ledger.balance(of: session.userID).exact == .cents(10))
            // The reservation stands, so it can be settled yet.
            await #expect(throws: AccountsError(.insufficientCredit, "")) {
                try await books.ledger.reserve(NanoDollars(1), for: session)
            }
            let row = try await books.ledger.settle(reservation, as: .stub(runID: "run_a", cost: .cents(4)))
            #expect(row.costCents == 4)
            #expect(try await books.ledger.discrepancies() == [])
        }
    }
}
