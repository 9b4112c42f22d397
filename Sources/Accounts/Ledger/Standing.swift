import Database

/// What one user may still reserve: the user's ledger as far as this process has followed it, and what is held of it.
///
/// The state belongs to one place in the user's chain of entries, `position`: `account` is what the entries up to there
/// make, and a reservation is held until the entry that settles it is among them. So the cost of a run counts exactly
/// once at any moment, as held or as spent, in whatever order the results of transactions arrive.
struct Standing {
    /// What the database said in one transaction.
    struct Snapshot: Sendable {
        let position: Int64
        let balance: NanoDollars
        /// The start of the UTC month that `spent` is for.
        let month: Int64
        let spent: [UUIDv7: NanoDollars]
        /// The place after which `settledRuns` were looked for, nil if they were not.
        let since: Int64?
        /// The runs that entries after `since` charge.
        let settledRuns: [String]
    }

    private struct Account {
        var balance: NanoDollars
        let month: Int64
        var spent: [UUIDv7: NanoDollars]
        let freshness: Freshness
    }

    /// Until when something read from the database need not be read again.
    struct Freshness: Sendable {
        /// As it was before the database was read.
        let token: ChangeToken
        let readAt: Int64
    }

    private struct BudgetMonth: Hashable {
        let keyID: UUIDv7
        let start: Int64

        init?(_ reservation: Reservation) {
            guard let keyID = reservation.keyID else { return nil }
            self.keyID = keyID
            start = reservation.month
        }
    }

    /// A settlement whose place in the ledger is known.
    private struct Charge {
        let reservation: Reservation
        let cost: NanoDollars
    }

    private(set) var position: Int64?
    /// Nil when the entries up to `position` are not all known.
    private var account: Account?
    private var held: [UUIDv7: Reservation] = [:]
    private var heldTotal: Int64 = 0
    private var heldByBudget: [BudgetMonth: Int64] = [:]
    /// Reservations that a transaction under way settles, by the run's id.
    private var settling: [String: Reservation] = [:]
    /// Charges whose predecessors in the ledger have not arrived, by entry.
    private var early: [Int64: Charge] = [:]
    /// Transactions under way that will bring a snapshot.
    var readerCount = 0

    /// Whether nothing would be lost with it.
    var isIdle: Bool { held.isEmpty && settling.isEmpty && readerCount == 0 }

    enum Verdict: Equatable {
        case held
        case refused(Refusal)
        /// The account is not known, or not for the reservation's month.
        case unknown
    }

    /// Holds the reservation if that is known to be possible without reading the database.
    mutating func holdIfFresh(
        _ reservation: Reservation, budget: NanoDollars?, token: ChangeToken, now: Int64, lifetime: Int64
    ) -> Bool {
        guard let account, account.freshness.token == token,
            // A clock that was set back makes nothing live longer.
            (0..<lifetime).contains(now - account.freshness.readAt)
        else { return false }
        return hold(reservation, budget: budget) == .held
    }

    /// Holds the reservation if balance and budget cover it, as far as they are known.
    mutating func hold(_ reservation: Reservation, budget: NanoDollars?) -> Verdict {
        guard let account, account.month == reservation.month else { return .unknown }
        let amount = reservation.amount
        guard Self.covers(account.balance, less: heldTotal, amount) else { return .refused(.insufficientCredit) }
        if let budget, let key = BudgetMonth(reservation) {
            let spent = account.spent[key.keyID] ?? .zero
            let left = NanoDollars(budget.value - spent.value)
            guard Self.covers(left, less: heldByBudget[key] ?? 0, amount) else { return .refused(.budgetExhausted) }
        }
        held[reservation.id] = reservation
        heldTotal += amount.value
        if let key = BudgetMonth(reservation) { heldByBudget[key, default: 0] += amount.value }
        return .held
    }

    private static func covers(_ total: NanoDollars, less held: Int64, _ amount: NanoDollars) -> Bool {
        Int128(total.value) - Int128(held) >= Int128(amount.value)
    }

    /// Ends the reservation, if it is held.
    mutating func release(_ reservation: Reservation) {
        guard held.removeValue(forKey: reservation.id) != nil else { return }
        heldTotal -= reservation.amount.value
        guard let key = BudgetMonth(reservation), let sum = heldByBudget[key] else { return }
        heldByBudget[key] = sum == reservation.amount.value ? nil : sum - reservation.amount.value
    }

    mutating func settlementBegins(of reservation: Reservation, asRun runID: String) {
        settling[runID] = reservation
    }

    /// - Parameter settlement: Nil when nobody knows what came of it; then the reservation is still held.
    mutating func settlementEnds(of reservation: Reservation, asRun runID: String, with settlement: Settlement?) {
        settling[runID] = nil
        if let settlement {
            // A run that was recorded for another reservation before has not used this one.
            if let entry = settlement.entry, settlement.row.id == reservation.id {
                follow(Charge(reservation: reservation, cost: settlement.row.cost), entry: entry)
            } else {
                release(reservation)
            }
        }
        skipUnknownEntries()
    }

    private mutating func follow(_ charge: Charge, entry: Int64) {
        guard let position else {
            // Nothing is held before the first snapshot, and one from before this entry comes too late.
            self.position = entry
            release(charge.reservation)
            return
        }
        guard entry > position else {
            // A snapshot that has this entry ended it, or it was settled before.
            release(charge.reservation)
            return
        }
        early[entry] = charge
        applyEarlyCharges()
    }

    private mutating func applyEarlyCharges() {
        while let position, let charge = early.removeValue(forKey: position + 1) {
            self.position = position + 1
            apply(charge)
            release(charge.reservation)
        }
    }

    private mutating func apply(_ charge: Charge) {
        guard var known = account else { return }
        account = nil
        // The database has stored both results, so they are in range.
        guard let balance = try? known.balance.subtracting(charge.cost) else { return }
        known.balance = balance
        if let key = charge.reservation.keyID, charge.reservation.month == known.month {
            guard let spent = try? (known.spent[key] ?? .zero).adding(charge.cost) else { return }
            known.spent[key] = spent
        }
        account = known
    }

    /// When nothing is under way that could bring the entries before early charges, somebody else made them: a credit.
    /// What they say is not known then until the next snapshot.
    private mutating func skipUnknownEntries() {
        guard settling.isEmpty, let last = early.keys.max() else { return }
        position = last
        account = nil
        for charge in early.values { release(charge.reservation) }
        early = [:]
    }

    /// Moves on to the place of a snapshot, unless it is behind already.
    ///
    /// - Returns: Whether the account, if it is known, now has everything that the snapshot has. It can't be made so if
    ///   the snapshot does not say which settlements under way are in it.
    mutating func install(_ snapshot: Snapshot, _ freshness: Freshness) -> Bool {
        if let position {
            if snapshot.position < position { return true }
            if snapshot.since == nil, snapshot.position > position { return false }
        }
        for runID in snapshot.settledRuns {
            if let reservation = settling[runID] { release(reservation) }
        }
        for (entry, charge) in early where entry <= snapshot.position {
            early[entry] = nil
            release(charge.reservation)
        }
        position = snapshot.position
        account = Account(
            balance: snapshot.balance, month: snapshot.month, spent: snapshot.spent, freshness: freshness)
        applyEarlyCharges()
        return true
    }
}
