import Database
import TestSupport

@testable import Accounts

/// Which reservations are tested on which engine.
enum BooksKind: String, CaseIterable, Sendable {
    case memoryOnSQLite
    case leasesOnSQLite
    case leasesOnPostgreSQL

    static let leased: [BooksKind] = [.leasesOnSQLite, .leasesOnPostgreSQL]

    var engine: TestEngine { self == .leasesOnPostgreSQL ? .postgres : .sqlite }
}

/// A ledger and the usage it makes, on a database of their own.
struct Books: Sendable {
    let database: Database
    let clock: TestClock
    let ledger: Ledger
    let usage: UsageStore
    let runs: RunStore

    init(_ kind: BooksKind, _ database: Database, clock: TestClock) {
        self.database = database
        self.clock = clock
        let now: @Sendable () -> Int64 = { clock.now }
        let book: any ReservationBook =
            kind == .memoryOnSQLite
            ? MemoryReservations(database: database, now: now)
            : LeasedReservations(database: database, now: now)
        ledger = Ledger(database: database, reservations: book, now: now)
        usage = UsageStore(database: database)
        runs = RunStore(database: database)
    }

    /// A user with this credit.
    func makeUser(cents: Int64 = 0) async throws -> UserID {
        var generator = SystemRandomNumberGenerator()
        let id = UserID(UUIDv7(milliseconds: clock.now, using: &generator))
        try await database.execute(
            "INSERT INTO users (id, email, name, created_at) VALUES (\(id), \(id.description), '', \(clock.now))")
        if cents != 0 {
            _ = try await ledger.credit(id, cents: cents, source: .operator, reference: "\(id)", reason: "test")
        }
        return id
    }

    /// Who asks with a key of this user. The key is no row, since money does not depend on one.
    func makeKey(of user: UserID, budgetCents: Int64? = nil) -> Principal {
        var generator = SystemRandomNumberGenerator()
        return Principal(
            userID: user, credential: .key(UUIDv7(milliseconds: clock.now, using: &generator)), scopes: .all,
            monthlyBudgetCents: budgetCents)
    }

    func session(of user: UserID) -> Principal {
        Principal(userID: user, credential: .session, scopes: .all)
    }

    /// Reserves and settles a run that costs what was reserved.
    @discardableResult
    func spend(_ cost: NanoDollars, _ principal: Principal, model: String = "m") async throws -> UsageRow {
        let reservation = try await ledger.reserve(cost, for: principal)
        return try await ledger.settle(reservation, as: .stub(model: model, cost: cost))
    }
}

/// Runs a test with books as they are kept on this engine.
func withBooks(_ engine: TestEngine, _ body: (Books) async throws -> Void) async throws {
    try await withBooks(engine == .sqlite ? .memoryOnSQLite : .leasesOnPostgreSQL, body)
}

/// Runs a test with books of this kind, which are gone afterwards.
func withBooks(_ kind: BooksKind, _ body: (Books) async throws -> Void) async throws {
    try await withDatabase(kind.engine, migrations: AccountStore.migrations) { database in
        try await body(Books(kind, database, clock: TestClock()))
    }
}

/// Runs a test with the books as two processes have them.
func withTwoBooks(_ kind: BooksKind, _ body: (Books, Books) async throws -> Void) async throws {
    try await withTwoDatabases(kind.engine, migrations: AccountStore.migrations) { one, other in
        let clock = TestClock()
        try await body(Books(kind, one, clock: clock), Books(kind, other, clock: clock))
    }
}

extension RunUsage {
    static func stub(
        runID: String = "run_\(UInt64.random(in: .min ... .max))", traceID: String? = nil, model: String = "m",
        inputTokens: Int64 = 3, outputTokens: Int64 = 5, cost: NanoDollars = .zero, outcome: RunOutcome = .ok,
        details: RunDetails? = nil
    ) -> RunUsage {
        RunUsage(
            runID: runID, traceID: traceID, model: model, inputTokens: inputTokens, outputTokens: outputTokens,
            cost: cost, outcome: outcome, details: details)
    }

    static func rejected(
        runID: String = "run_\(UInt64.random(in: .min ... .max))", traceID: String? = nil, model: String = "m",
        details: RunDetails? = nil
    ) -> RunUsage {
        .stub(
            runID: runID, traceID: traceID, model: model, inputTokens: 0, outputTokens: 0, outcome: .rejected,
            details: details)
    }
}

extension NanoDollars {
    static func cents(_ cents: Int64) -> NanoDollars { NanoDollars(cents * perCent) }
}

extension RunOutcome {
    /// How runs end that reached a provider.
    static let ofUsage = allCases.filter { $0 != .rejected }
}
