/// A run as it was recorded and charged.
package struct Settlement: Hashable, Sendable {
    package let row: UsageRow
    /// The number of the ledger entry that charged it; nil if it cost nothing.
    let entry: Int64?
}
