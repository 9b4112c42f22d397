package import Database

/// The money of users: what they were credited, what runs have spent of it, and what runs under way may still spend.
///
/// A run's cost is reserved before it starts, which is refused if the balance or the key's budget for the month does not
/// cover it, and settled to what it really used when it ends. Reservations are atomic, but die with the process; what
/// was settled or credited is on disk when the call returns. All copies of a value share their reservations, and there
/// is one to a process and database. Every call can fail with the code `database`.
package struct Ledger: Sendable {
    let database: Database
    let reservations: any ReservationBook
    let now: @Sendable () -> Int64
    let repetition: TransactionRepetition

    /// - Parameters:
    ///   - database: Opened with `AccountStore.migrations`. If it is shared, so are reservations, as rows of a table.
    ///   - now: The wall clock, in milliseconds since 1970-01-01 00:00 UTC.
    package init(database: Database, now: @escaping @Sendable () -> Int64 = { UnixTime.now() }) {
        let book: any ReservationBook =
            database.isShared
            ? LeasedReservations(database: database, now: now)
            : MemoryReservations(database: database, now: now)
        self.init(database: database, reservations: book, now: now)
    }

    init(
        database: Database, reservations: any ReservationBook, now: @escaping @Sendable () -> Int64,
        repetition: TransactionRepetition = TransactionRepetition()
    ) {
        self.database = database
        self.reservations = reservations
        self.now = now
        self.repetition = repetition
    }

    /// Reserves the most that a run may cost. An amount of zero is always admitted, whatever balance and budget are.
    ///
    /// A refusal is based on what the database says at that moment, never on anything remembered.
    ///
    /// - Throws: `insufficientCredit`, `budgetExhausted`; `invalidAmount` below zero.
    package func reserve(
        _ amount: NanoDollars, for principal: Principal
    ) async throws(AccountsError) -> Reservation {
        guard amount >= .zero else { throw AccountsError(.invalidAmount, "an amount to reserve is not negative") }
        let madeAt = now()
        let reservation = Reservation(
            id: UUIDv7(milliseconds: madeAt), principal: principal, amount: amount, madeAt: madeAt,
            isLeased: reservations.isLeased && amount > .zero)
        if amount > .zero {
            try await reservations.hold(reservation, budget: principal.monthlyBudget)
        }
        return reservation
    }

    /// Gives back a reservation whose run used nothing. One that was settled or released already stays as it is.
    package func release(_ reservation: Reservation) async {
        guard reservation.amount > .zero else { return }
        await reservations.release(reservation)
    }

    /// Keeps this process's reservations from expiring. To be called every 20 seconds; on SQLite it does nothing.
    ///
    /// A reservation that was not renewed for a minute, because the process died, counts no more.
    package func renewLeases() async throws(AccountsError) {
        try await reservations.renewLeases()
    }

    /// What the user has left.
    package func balance(of userID: UserID) async throws(AccountsError) -> Balance {
        try await read { connection throws(DatabaseError) in
            Balance(try LedgerAccount.read(userID, connection))
        }
    }

    /// What each of these keys has spent in this UTC calendar month; all of them are in the answer.
    package func monthSpend(ofKeys keys: [UUIDv7]) async throws(AccountsError) -> [UUIDv7: NanoDollars] {
        var spent = Dictionary(keys.map { ($0, NanoDollars.zero) }) { first, _ in first }
        guard let first = keys.first else { return spent }
        let list = keys.dropFirst().reduce("\(first)" as SQL) { "\($0), \($1)" }
        let month = UsagePeriod.month.start(of: now())
        // By way of the key's user, since that is what the sums are ordered by.
        let query: SQL = """
            SELECT r.key_id, CAST(SUM(r.cost_nano) AS BIGINT) AS spent
            FROM api_keys k JOIN usage_rollups r
                ON r.user_id = k.user_id AND r.period = 'month' AND r.start_at = \(month) AND r.key_id = k.id
            WHERE k.id IN (\(list)) GROUP BY r.key_id
            """
        for (key, amount) in try await read({ connection throws(DatabaseError) in
            try connection.query(query).map { row throws(DatabaseError) in
                (try row.decode("key_id", as: UUIDv7.self), try row.decode("spent", as: NanoDollars.self))
            }
        }) {
            spent[key] = amount
        }
        return spent
    }

    /// Whether a key with a budget has spent all of it, or more, in this UTC calendar month. A session never has.
    package func hasSpentBudget(_ principal: Principal) async throws(AccountsError) -> Bool {
        guard let budget = principal.monthlyBudget, let keyID = principal.keyID else { return false }
        let month = UsagePeriod.month.start(of: now())
        let userID = principal.userID
        let spent = try await read { connection throws(DatabaseError) in
            try connection.queryOne(
                """
                SELECT CAST(COALESCE(SUM(cost_nano), 0) AS BIGINT) AS spent FROM usage_rollups
                WHERE user_id = \(userID) AND period = 'month' AND start_at = \(month) AND key_id = \(keyID)
                """)?.decode("spent", as: NanoDollars.self)
        }
        return spent ?? .zero >= budget
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(AccountsError) -> Value {
        do {
            return try await database.read(body)
        } catch {
            throw AccountsError(error)
        }
    }

    /// Runs a transaction that changes a user's account, again if nobody knows whether it was committed.
    func write<Value: Sendable>(
        accountOf userID: UserID, inGroup group: TransactionGroup? = nil,
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(AccountsError) -> Value {
        try await write(holding: .account(of: userID), inGroup: group, body)
    }

    /// Runs a transaction that holds this lock, again if nobody knows whether it was committed.
    func write<Value: Sendable>(
        holding lock: TransactionLock, inGroup group: TransactionGroup? = nil,
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(AccountsError) -> Value {
        do {
            return try await repetition.run { [database] () async throws(DatabaseError) in
                try await database.write(holding: [lock], inGroup: group, body)
            }
        } catch {
            throw AccountsError(error)
        }
    }
}

extension TransactionLock {
    /// Held by whoever changes a user's account or adds to what is reserved of it.
    static func account(of userID: UserID) -> TransactionLock { TransactionLock("credit/\(userID)") }
}

extension Principal {
    /// What the key may spend in a month. Budgets that are more than any account can hold are as good as the most.
    var monthlyBudget: NanoDollars? {
        guard keyID != nil, let monthlyBudgetCents else { return nil }
        // The one error is that the amount is out of range.
        return (try? NanoDollars(cents: monthlyBudgetCents)) ?? .max
    }
}
