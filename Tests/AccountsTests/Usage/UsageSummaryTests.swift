import Database
import TestSupport
import Testing

@testable import Accounts

struct UsageSummaryTests {
    /// Runs of one user with two keys and a session, over two years, some of them close together and some at the very
    /// beginning of an hour, a day or a month.
    private static func withRuns(
        _ engine: TestEngine, seed: UInt64, _ body: (Books, UserID, [UsageRow]) async throws -> Void
    ) async throws {
        try await withBooks(engine == .sqlite ? .memoryOnSQLite : .leasesOnPostgreSQL) { books in
            var generator = SeededGenerator(seed: seed)
            let user = try await books.makeUser(cents: 1_000_000)
            let other = try await books.makeUser(cents: 100)
            let principals = [books.session(of: user), books.makeKey(of: user), books.makeKey(of: user)]
            var rows: [UsageRow] = []
            for index in 0..<300 {
                let step = Int64(1) << Int.random(in: 0...34, using: &generator)
                books.clock.advance(by: .random(in: 0..<step, using: &generator))
                if index.isMultiple(of: 10), let period = UsagePeriod.allCases.randomElement(using: &generator) {
                    books.clock.advance(by: period.firstStart(from: books.clock.now) - books.clock.now)
                }
                let principal = principals.random(using: &generator)
                let reservation = try await books.ledger.reserve(.zero, for: principal)
                rows.append(
                    try await books.ledger.settle(
                        reservation,
                        as: .stub(
                            traceID: index.isMultiple(of: 3) ? "t" : nil,
                            model: ["a", "b", "c"].random(using: &generator),
                            inputTokens: .random(in: 0...50, using: &generator),
                            cost: NanoDollars(.random(in: 0...20_000_000, using: &generator)))))
                if index.isMultiple(of: 50) { try await books.spend(.cents(1), books.session(of: other)) }
            }
            try await body(books, user, rows)
        }
    }

    private static func matches(_ row: UsageRow, _ filter: UsageFilter) -> Bool {
        row.createdAt >= filter.from ?? 0 && row.createdAt < filter.to ?? .max
            && (filter.keyID == nil || filter.keyID == row.keyID) && (filter.model == nil || filter.model == row.model)
            && (filter.traceID == nil || filter.traceID == row.traceID)
    }

    /// An interval that begins and ends at any moment, at a row, or where a period begins.
    private static func randomFilter(
        _ user: UserID, _ rows: [UsageRow], using generator: inout SeededGenerator
    ) -> UsageFilter {
        func moment() -> Int64? {
            let row = rows.random(using: &generator).createdAt
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: return nil
            case 1: return row
            case 2: return row + 1
            case 3: return UsagePeriod.allCases.random(using: &generator).start(of: row)
            default: return row + .random(in: -10_000_000...10_000_000, using: &generator)
            }
        }
        var filter = UsageFilter(userID: user, from: moment(), to: moment())
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: filter.keyID = rows.compactMap(\.keyID).randomElement(using: &generator)
        case 1: filter.model = "b"
        case 2: filter.traceID = "t"
        default: break
        }
        return filter
    }

    @Test(arguments: TestEngine.allCases)
    func `a summary over any interval is the sum of its rows`(engine: TestEngine) async throws {
        try await Self.withRuns(engine, seed: 11) { books, user, rows in
            var generator = SeededGenerator(seed: 12)
            for _ in 0..<200 {
                let filter = Self.randomFilter(user, rows, using: &generator)
                let matching = rows.filter { Self.matches($0, filter) }
                let found = try await books.usage.summary(filter)
                #expect(found == UsageTotals(of: matching), "\(filter)")
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `groups over any interval are the sums of their rows, in order`(engine: TestEngine) async throws {
        try await Self.withRuns(engine, seed: 13) { books, user, rows in
            var generator = SeededGenerator(seed: 14)
            for _ in 0..<100 {
                let filter = Self.randomFilter(user, rows, using: &generator)
                let matching = rows.filter { Self.matches($0, filter) }
                for grouping in UsageGrouping.allCases {
                    let expected = Self.groups(of: matching, grouping)
                    let found = try await books.usage.summary(filter, groupedBy: grouping)
                    #expect(found == expected, "\(filter)")
                }
            }
        }
    }

    private static func groups(of rows: [UsageRow], _ grouping: UsageGrouping) -> [UsageGroup] {
        let groups = Dictionary(grouping: rows) { row in
            switch grouping {
            case .key: row.keyID?.description
            case .model: row.model
            case .day: CivilDate(milliseconds: row.createdAt).description
            }
        }.map { UsageGroup(name: $0.key, totals: UsageTotals(of: $0.value)) }
        return groups.sorted { left, right in
            grouping == .day || left.totals.cost == right.totals.cost
                ? left.name ?? "" < right.name ?? ""
                : left.totals.cost > right.totals.cost
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `groups of equal cost are ordered by name, byte by byte`(engine: TestEngine) async throws {
        try await withBooks(engine == .sqlite ? .memoryOnSQLite : .leasesOnPostgreSQL) { books in
            let session = books.session(of: try await books.makeUser())
            for model in ["b", "B", "a-1", "a.1", "é"] { try await books.spend(.zero, session, model: model) }
            let groups = try await books.usage.summary(UsageFilter(userID: session.userID), groupedBy: .model)
            #expect(groups.map(\.name) == ["B", "a-1", "a.1", "b", "é"])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `without runs everything is zero`(engine: TestEngine) async throws {
        try await withBooks(engine == .sqlite ? .memoryOnSQLite : .leasesOnPostgreSQL) { books in
            let user = try await books.makeUser()
            try await books.spend(.zero, books.session(of: try await books.makeUser()))
            let intervals: [(Int64?, Int64?)] = [(nil, nil), (5, 5), (9, 2), (.min, .max), (.max, nil), (nil, .min)]
            for (from, to) in intervals {
                let filter = UsageFilter(userID: user, from: from, to: to)
                #expect(try await books.usage.summary(filter) == UsageTotals(of: []))
                #expect(try await books.usage.summary(filter, groupedBy: .day) == [])
                #expect(try await books.usage.logs(filter, limit: 5) == UsagePage(rows: [], next: nil))
            }
        }
    }
}
