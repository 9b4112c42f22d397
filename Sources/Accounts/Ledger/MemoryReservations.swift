import Database
import Synchronization

/// Reservations in the memory of the one process that spends.
///
/// Other processes may credit users meanwhile; they announce it, and what was read before is not used any more. While
/// nobody does, a reservation costs no statement. Users who have nothing reserved are remembered only in limited number.
final class MemoryReservations: ReservationBook {
    private struct State {
        var standings: [UserID: Standing] = [:]
        var standingCountMax = MemoryReservations.idleUserCountMax
    }

    private let database: Database
    private let now: @Sendable () -> Int64
    private let state = Mutex(State())

    static let idleUserCountMax = 10_000
    /// How long an account is believed, should another process have died between a credit and its announcement.
    static let lifetimeMilliseconds: Int64 = 5000

    init(database: Database, now: @escaping @Sendable () -> Int64) {
        self.database = database
        self.now = now
    }

    var isLeased: Bool { false }

    /// How many users are remembered.
    var userCount: Int { state.withLock { $0.standings.count } }

    func hold(_ reservation: Reservation, budget: NanoDollars?) async throws(AccountsError) {
        let user = reservation.userID
        let token = database.changeToken(for: .credit)
        let now = now()
        let isHeld = state.withLock { state in
            state.standings[user]?.holdIfFresh(
                reservation, budget: budget, token: token, now: now, lifetime: Self.lifetimeMilliseconds)
        }
        if isHeld == true { return }

        with(user) { $0.readerCount += 1 }
        defer { with(user) { $0.readerCount -= 1 } }
        while true {
            switch try await holdByReading(reservation, budget: budget) {
            case .held: return
            case .refused(let refusal): throw refusal.error
            case .unknown: continue
            }
        }
    }

    /// Reads the user's account, and decides by it or by what became known meanwhile.
    private func holdByReading(
        _ reservation: Reservation, budget: NanoDollars?
    ) async throws(AccountsError) -> Standing.Verdict {
        let user = reservation.userID
        let since = with(user) { $0.position }
        let freshness = Standing.Freshness(token: database.changeToken(for: .credit), readAt: now())
        let snapshot: Standing.Snapshot
        do {
            snapshot = try await database.read { connection throws(DatabaseError) in
                try Standing.Snapshot(of: user, month: reservation.month, since: since, connection)
            }
        } catch {
            throw AccountsError(error)
        }
        return with(user) { standing in
            standing.install(snapshot, freshness) ? standing.hold(reservation, budget: budget) : .unknown
        }
    }

    func release(_ reservation: Reservation) async {
        with(reservation.userID) { $0.release(reservation) }
    }

    func settlementBegins(of reservation: Reservation, asRun runID: String) {
        with(reservation.userID) { $0.settlementBegins(of: reservation, asRun: runID) }
    }

    func settlementEnds(of reservation: Reservation, asRun runID: String, with settlement: Settlement?) {
        with(reservation.userID) { $0.settlementEnds(of: reservation, asRun: runID, with: settlement) }
    }

    /// Nothing expires here.
    func renewLeases() async throws(AccountsError) {}

    private func with<Value: Sendable>(_ user: UserID, _ body: (inout Standing) -> Value) -> Value {
        state.withLock { state in
            if state.standings[user] == nil { Self.makeRoom(in: &state) }
            return body(&state.standings[user, default: Standing()])
        }
    }

    /// Forgets users who have nothing reserved. Where that leaves more than half, the next time is when there are twice
    /// as many, so that a user costs the same however many there are.
    private static func makeRoom(in state: inout State) {
        guard state.standings.count >= state.standingCountMax else { return }
        state.standings = state.standings.filter { !$0.value.isIdle }
        state.standingCountMax = max(idleUserCountMax, 2 * state.standings.count)
    }
}

extension Standing.Snapshot {
    /// - Parameter since: Entries after this one are looked at; nil for none.
    fileprivate init(
        of userID: UserID, month: Int64, since: Int64?, _ connection: Connection
    ) throws(DatabaseError) {
        let account = try LedgerAccount.read(userID, connection)
        let sums = try connection.query(
            """
            SELECT key_id, CAST(SUM(cost_nano) AS BIGINT) AS spent FROM usage_rollups
            WHERE user_id = \(userID) AND period = 'month' AND start_at = \(month) AND key_id <> ''
            GROUP BY key_id
            """)
        var spent: [UUIDv7: NanoDollars] = [:]
        for row in sums {
            spent[try row.decode("key_id", as: UUIDv7.self)] = try row.decode("spent", as: NanoDollars.self)
        }
        var settledRuns: [String] = []
        if let since {
            settledRuns = try connection.query(
                """
                SELECT reference FROM ledger_entries
                WHERE user_id = \(userID) AND seq > \(since) AND counter_account = \(LedgerEntry.revenueAccount)
                """
            ).map { row throws(DatabaseError) in try row.decode("reference", as: String.self) }
        }
        self.init(
            position: account.lastEntry, balance: account.balance, month: month, spent: spent, since: since,
            settledRuns: settledRuns)
    }
}
