import Database
import Synchronization

/// Reservations as rows of the database, for several processes that spend at once.
///
/// A row belongs to the process that made it and counts until its lease ends, so that the credit held by a process that
/// was killed comes back within a minute. The processes' clocks must agree to a few seconds.
final class LeasedReservations: ReservationBook {
    private let database: Database
    private let now: @Sendable () -> Int64
    /// Names this process, by chance, among all that use the database.
    private let owner = String(UInt64.random(in: .min ... .max), radix: 16)
    /// Reservations that were begun and not ended. Other rows of this process are left from a connection that broke, and
    /// are deleted instead of renewed.
    private let held = Mutex<Set<UUIDv7>>([])

    static let leaseMilliseconds: Int64 = 60_000
    /// After how long an expired row is nobody's any more.
    static let remainsMilliseconds: Int64 = 600_000

    init(database: Database, now: @escaping @Sendable () -> Int64) {
        self.database = database
        self.now = now
    }

    var isLeased: Bool { true }

    func hold(_ reservation: Reservation, budget: NanoDollars?) async throws(AccountsError) {
        let now = now()
        let covered = Self.condition(covering: reservation, now: now)
        let budgeted: SQL = if let budget { Self.condition(within: budget, reservation, now: now) } else { "1 = 1" }
        let insertion: SQL = """
            INSERT INTO reservations (id, user_id, key_id, month_at, amount_nano, owner, expires_at)
            SELECT CAST(\(reservation.id) AS TEXT), b.user_id, CAST(\(reservation.keyID) AS TEXT),
                CAST(\(reservation.month) AS BIGINT), CAST(\(reservation.amount) AS BIGINT),
                CAST(\(owner) AS TEXT), CAST(\(now + Self.leaseMilliseconds) AS BIGINT)
            FROM balances b WHERE b.user_id = \(reservation.userID) AND \(covered) AND \(budgeted)
            """
        held.withLock { _ = $0.insert(reservation.id) }
        let refusal: Refusal?
        do {
            refusal = try await database.write(
                holding: [.account(of: reservation.userID)], durability: .relaxed
            ) { connection throws(DatabaseError) in
                if try connection.execute(insertion) == 1 { return nil }
                let row = try connection.queryOne(
                    "SELECT b.user_id FROM balances b WHERE b.user_id = \(reservation.userID) AND \(covered)")
                return row == nil ? .insufficientCredit : .budgetExhausted
            }
        } catch {
            forget(reservation)
            throw AccountsError(error)
        }
        guard let refusal else { return }
        forget(reservation)
        throw refusal.error
    }

    /// Whether the balance covers the reservation beside all others of the user.
    private static func condition(covering reservation: Reservation, now: Int64) -> SQL {
        """
        b.balance_nano - (
            SELECT COALESCE(SUM(amount_nano), 0) FROM reservations
            WHERE user_id = \(reservation.userID) AND expires_at > \(now)
        ) >= CAST(\(reservation.amount) AS BIGINT)
        """
    }

    /// Whether the month budget covers the reservation beside all others of the key.
    private static func condition(within budget: NanoDollars, _ reservation: Reservation, now: Int64) -> SQL {
        """
        CAST(\(budget) AS BIGINT) - (
            SELECT COALESCE(SUM(cost_nano), 0) FROM usage_rollups
            WHERE user_id = \(reservation.userID) AND period = 'month' AND start_at = \(reservation.month)
                AND key_id = \(reservation.keyID)
        ) - (
            SELECT COALESCE(SUM(amount_nano), 0) FROM reservations
            WHERE user_id = \(reservation.userID) AND expires_at > \(now) AND key_id = \(reservation.keyID)
                AND month_at = \(reservation.month)
        ) >= CAST(\(reservation.amount) AS BIGINT)
        """
    }

    func release(_ reservation: Reservation) async {
        forget(reservation)
        // Where this fails, the next renewal deletes the row.
        _ = try? await database.write(
            holding: [.account(of: reservation.userID)], durability: .relaxed
        ) { connection throws(DatabaseError) in
            try connection.execute("DELETE FROM reservations WHERE id = \(reservation.id)")
        }
    }

    /// The settling transaction deletes the row, so there is nothing to keep in step with it.
    func settlementBegins(of reservation: Reservation, asRun runID: String) {}

    func settlementEnds(of reservation: Reservation, asRun runID: String, with settlement: Settlement?) {
        if settlement != nil { forget(reservation) }
    }

    private func forget(_ reservation: Reservation) {
        held.withLock { _ = $0.remove(reservation.id) }
    }

    func renewLeases() async throws(AccountsError) {
        let now = now()
        let owner = owner
        do {
            // A lock of its own keeps it from colliding with the transactions that make and delete rows.
            try await database.write(
                holding: [TransactionLock("leases/\(owner)")], durability: .relaxed
            ) { [self] connection throws(DatabaseError) in
                for id in try leftovers(connection) {
                    try connection.execute("DELETE FROM reservations WHERE id = \(id)")
                }
                try connection.execute(
                    """
                    UPDATE reservations SET expires_at = \(now + Self.leaseMilliseconds) WHERE owner = \(owner)
                    """)
                try connection.execute(
                    "DELETE FROM reservations WHERE expires_at < \(now - Self.remainsMilliseconds)")
            }
        } catch {
            throw AccountsError(error)
        }
    }

    /// Rows of this process that stand for nothing. A reservation is held before its row is made, so a row that is there
    /// and not held is done with.
    private func leftovers(_ connection: Connection) throws(DatabaseError) -> [UUIDv7] {
        let ids = try connection.query("SELECT id FROM reservations WHERE owner = \(owner)")
            .map { row throws(DatabaseError) in try row.decode("id", as: UUIDv7.self) }
        return held.withLock { held in ids.filter { !held.contains($0) } }
    }
}
