package import Database

/// Credit that is promised to a run until the run is settled, or released because it used nothing.
package struct Reservation: Hashable, Sendable {
    /// Also the id of the run's row once it is settled.
    package let id: UUIDv7
    package let userID: UserID
    /// Whose budget it counts against; nil for a session.
    package let keyID: UUIDv7?
    package let amount: NanoDollars
    /// Milliseconds since 1970-01-01 00:00 UTC. The run is charged to the month of this moment, whenever it ends, so that
    /// runs which last over midnight can't overspend a month.
    package let madeAt: Int64
    /// Whether a row of the database stands for it.
    let isLeased: Bool

    init(id: UUIDv7, principal: Principal, amount: NanoDollars, madeAt: Int64, isLeased: Bool) {
        self.id = id
        userID = principal.userID
        keyID = principal.keyID
        self.amount = amount
        self.madeAt = madeAt
        self.isLeased = isLeased
    }

    /// The beginning of the UTC month that is charged.
    var month: Int64 { UsagePeriod.month.start(of: madeAt) }
}
