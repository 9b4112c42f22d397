/// Where credit comes from: the account on the other side of a ledger entry.
package enum CreditSource: String, CaseIterable, Sendable {
    /// Whoever runs this installation.
    case `operator`
    case stripe
}
