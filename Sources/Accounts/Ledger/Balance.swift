/// What a user has left, or owes if it is negative.
package struct Balance: Hashable, Sendable {
    /// What was ever credited, less what was ever taken back: whole cents.
    package let credited: NanoDollars
    /// What runs have cost.
    package let spent: NanoDollars
    package let exact: NanoDollars

    init(_ account: LedgerAccount) {
        credited = account.credited
        spent = account.spent
        exact = account.balance
    }

    /// In whole cents, rounded so that it falls by exactly the cents of each run's row.
    package var cents: Int64 { credited.roundedCents - spent.roundedCents }
}
