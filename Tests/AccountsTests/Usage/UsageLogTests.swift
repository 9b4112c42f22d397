import Database
import TestSupport
import Testing

@testable import Accounts

struct UsageLogTests {
    /// Rows of one user, oldest first, several of them in the same millisecond.
    private static func withRows(
        _ engine: TestEngine, _ body: (Books, UserID, [UsageRow]) async throws -> Void
    ) async throws {
        try await withBooks(engine) { books in
            let user = try await books.makeUser(cents: 100)
            let keys = [books.makeKey(of: user), books.makeKey(of: user), books.session(of: user)]
            var rows: [UsageRow] = []
            for index in 0..<24 {
                if index.isMultiple(of: 4) { books.clock.advance(by: 1_000) }
                let reservation = try await books.ledger.reserve(.zero, for: keys[index % 3])
                rows.append(
                    try await books.ledger.settle(
                        reservation,
                        as: .stub(
                            runID: "run_\(index)", traceID: index < 6 ? "trace" : nil, model: index < 12 ? "a" : "b",
                            cost: NanoDollars(Int64(index)),
                            outcome: RunOutcome.ofUsage[index % RunOutcome.ofUsage.count])))
            }
            try await books.spend(.zero, books.session(of: try await books.makeUser()))
            rows.sort { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
            try await body(books, user, rows)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `rows come newest first, each once, page by page`(engine: TestEngine) async throws {
        try await Self.withRows(engine) { books, user, rows in
            for limit in [1, 5, 24, 100] {
                var pages: [[UsageRow]] = []
                var position: UsagePosition?
                repeat {
                    let page = try await books.usage.logs(UsageFilter(userID: user), after: position, limit: limit)
                    pages.append(page.rows)
                    position = page.next
                } while position != nil
                #expect(pages.flatMap(\.self) == rows.reversed())
                #expect(pages.count == max(1, (24 + limit - 1) / limit))
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `an offset leaves out the newest rows`(engine: TestEngine) async throws {
        try await Self.withRows(engine) { books, user, rows in
            let newest = Array(rows.reversed())
            let page = try await books.usage.logs(UsageFilter(userID: user), offset: 3, limit: 2)
            #expect(page.rows == Array(newest[3..<5]))
            let after = try await books.usage.logs(UsageFilter(userID: user), after: page.next, offset: 1, limit: 2)
            #expect(after.rows == Array(newest[6..<8]))
            let end = try await books.usage.logs(UsageFilter(userID: user), offset: 24, limit: 2)
            #expect(end == UsagePage(rows: [], next: nil))
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `filters narrow the log down`(engine: TestEngine) async throws {
        try await Self.withRows(engine) { books, user, rows in
            let key = try #require(rows.compactMap(\.keyID).first)
            let (from, to) = (rows[4].createdAt, rows[12].createdAt)
            let cases: [(UsageFilter, (UsageRow) -> Bool)] = [
                (UsageFilter(userID: user, keyID: key), { $0.keyID == key }),
                (UsageFilter(userID: user, model: "b"), { $0.model == "b" }),
                (UsageFilter(userID: user, runID: "run_7"), { $0.runID == "run_7" }),
                (UsageFilter(userID: user, traceID: "trace"), { $0.traceID == "trace" }),
                (UsageFilter(userID: user, from: from, to: to), { $0.createdAt >= from && $0.createdAt < to }),
                (
                    UsageFilter(userID: user, keyID: key, model: "a", from: from),
                    { $0.keyID == key && $0.model == "a" && $0.createdAt >= from }
                ),
            ]
            for (filter, matches) in cases {
                let expected = rows.reversed().filter(matches)
                #expect(!expected.isEmpty)
                let found = try await books.usage.logs(filter, limit: 100).rows
                #expect(found == expected, "\(filter)")
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `runs that reached no provider are no usage`(engine: TestEngine) async throws {
        try await Self.withRows(engine) { books, user, rows in
            let before = try await books.usage.summary(UsageFilter(userID: user, from: 1))
            try await books.ledger.recordRejection(
                .rejected(runID: "run_x", traceID: "trace", model: "a"), for: books.session(of: user))
            #expect(try await books.usage.logs(UsageFilter(userID: user), limit: 100).rows.count == 24)
            #expect(try await books.usage.logs(UsageFilter(userID: user, traceID: "trace"), limit: 100).rows.count == 6)
            #expect(try await books.usage.logs(UsageFilter(userID: user, runID: "run_x"), limit: 1).rows == [])
            #expect(try await books.usage.summary(UsageFilter(userID: user, from: 1)) == before)
            #expect(try await books.ledger.discrepancies() == [])
        }
    }

    @Test func `lists of a user, a key and a trace are read from an index, in its order`() async throws {
        try await Self.withRows(.sqlite) { books, user, rows in
            let key = try #require(rows.compactMap(\.keyID).first)
            let cases: [(SQL, String)] = [
                ("user_id = \(user)", "runs_by_user"), ("user_id = \(user) AND key_id = \(key)", "runs_by_key"),
                ("user_id = \(user) AND trace_id = \("trace")", "runs_by_trace"),
            ]
            for (condition, index) in cases {
                let plan = try await books.database.query(
                    """
                    EXPLAIN QUERY PLAN SELECT \(UsageRow.columns) FROM runs WHERE is_usage = 1 AND \(condition)
                        AND (created_at, id) < (\(Int64.max), \("x"))
                    ORDER BY created_at DESC, id DESC LIMIT 50
                    """)
                let steps = try plan.map { try $0.decode("detail", as: String.self) }
                #expect(steps.count == 1 && steps[0].contains(index), "\(steps)")
            }
        }
    }
}
