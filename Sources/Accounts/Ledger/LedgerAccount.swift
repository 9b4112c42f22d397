import Database

/// A user's account: what the user's chain of ledger entries adds up to.
struct LedgerAccount: Hashable, Sendable {
    /// The number of the last entry, 0 before the first.
    let lastEntry: Int64
    let credited: NanoDollars
    let spent: NanoDollars
    let balance: NanoDollars

    static let empty = LedgerAccount(lastEntry: 0, credited: .zero, spent: .zero, balance: .zero)

    private init(lastEntry: Int64, credited: NanoDollars, spent: NanoDollars, balance: NanoDollars) {
        self.lastEntry = lastEntry
        self.credited = credited
        self.spent = spent
        self.balance = balance
    }

    /// The account of this user; empty, if nothing was ever credited or charged.
    static func read(_ userID: UserID, _ connection: Connection) throws(DatabaseError) -> LedgerAccount {
        let row = try connection.queryOne(reading.binding([userID.sqlValue]))
        guard let row else { return .empty }
        return LedgerAccount(
            lastEntry: try row.decode("last_seq", as: Int64.self),
            credited: try row.decode("credited_nano", as: NanoDollars.self),
            spent: try row.decode("spent_nano", as: NanoDollars.self),
            balance: try row.decode("balance_nano", as: NanoDollars.self))
    }

    private static let reading = SQL.template(
        """
        SELECT last_seq, credited_nano, spent_nano, balance_nano FROM balances WHERE user_id = \(SQL.parameters(1))
        """)

    /// The account after one more entry, which takes the cost of a run.
    ///
    /// - Throws: `invalidAmount`.
    func charged(_ cost: NanoDollars) throws(AccountsError) -> LedgerAccount {
        LedgerAccount(
            lastEntry: lastEntry + 1, credited: credited, spent: try spent.adding(cost),
            balance: try balance.subtracting(cost))
    }

    /// The account after one more entry, which credits an amount, or takes it back if it is negative.
    ///
    /// - Throws: `invalidAmount`.
    func credited(_ amount: NanoDollars) throws(AccountsError) -> LedgerAccount {
        LedgerAccount(
            lastEntry: lastEntry + 1, credited: try credited.adding(amount), spent: spent,
            balance: try balance.adding(amount))
    }
}

/// What an entry of the ledger says beside its amounts.
struct LedgerEntry: Sendable {
    static let revenueAccount = "revenue"

    /// The account on the other side.
    let counterAccount: String
    /// What it is for; an account has one entry for each reference.
    let reference: String
    let reason: String
    let createdAt: Int64

    /// Stores the entry that leads from one state of a user's account to the next.
    func store(
        for userID: UserID, from before: LedgerAccount, to after: LedgerAccount, _ connection: Connection
    ) throws(DatabaseError) {
        let previous = before.lastEntry == 0 ? nil : before.lastEntry
        let amount = NanoDollars(after.balance.value - before.balance.value)
        let user = userID.sqlValue
        try connection.execute(
            Self.insertion.binding([
                user, after.lastEntry.sqlValue, previous.sqlValue, counterAccount.sqlValue, amount.sqlValue,
                before.balance.sqlValue, after.balance.sqlValue, before.spent.sqlValue, after.spent.sqlValue,
                reference.sqlValue, reason.sqlValue, createdAt.sqlValue,
            ]))
        try connection.execute(
            Self.balance.binding([
                user, after.lastEntry.sqlValue, after.balance.sqlValue, after.spent.sqlValue, after.credited.sqlValue,
            ]))
    }

    private static let insertion = SQL.template(
        """
        INSERT INTO ledger_entries (
            user_id, seq, previous_seq, counter_account, amount_nano, balance_before_nano, balance_after_nano,
            spent_before_nano, spent_after_nano, reference, reason, created_at
        ) VALUES (\(SQL.parameters(12)))
        """)

    private static let balance = SQL.template(
        """
        INSERT INTO balances (user_id, last_seq, balance_nano, spent_nano, credited_nano)
        VALUES (\(SQL.parameters(5)))
        ON CONFLICT (user_id) DO UPDATE SET
            last_seq = excluded.last_seq, balance_nano = excluded.balance_nano,
            spent_nano = excluded.spent_nano, credited_nano = excluded.credited_nano
        """)
}
