/// Where reservations of credit are kept.
///
/// Whatever the order in which calls meet, what is held never exceeds what is left of the balance, nor what is left of a
/// key's month budget, and nothing is refused that would fit: a run that is being settled counts once, either with what
/// it reserved or with what it cost. Reservations die with the process, at once or soon after.
protocol ReservationBook: Sendable {
    /// Whether a row of the database stands for each reservation, which the settling transaction must delete.
    var isLeased: Bool { get }

    /// Holds the reservation's amount, which is above zero.
    ///
    /// - Parameter budget: What the reservation's key may spend in the reservation's month; nil means no limit.
    /// - Throws: `insufficientCredit`, `budgetExhausted`, `database`. Nothing is held then.
    func hold(_ reservation: Reservation, budget: NanoDollars?) async throws(AccountsError)

    /// Gives back what a run did not use; a reservation that is not held any more stays as it is.
    func release(_ reservation: Reservation) async

    /// To be told before the transaction that settles a reservation begins.
    func settlementBegins(of reservation: Reservation, asRun runID: String)

    /// To be told what came of it: nil when nobody knows, and the reservation stands.
    func settlementEnds(of reservation: Reservation, asRun runID: String, with settlement: Settlement?)

    /// Keeps what is held from expiring; to be called every 20 seconds or so.
    func renewLeases() async throws(AccountsError)
}
