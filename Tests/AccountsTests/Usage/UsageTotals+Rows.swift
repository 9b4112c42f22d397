@testable import Accounts

extension UsageTotals {
    /// The sums over these rows, the simplest way.
    init(of rows: [UsageRow]) {
        self.init(
            requests: Int64(rows.count), inputTokens: rows.reduce(0) { $0 + $1.inputTokens },
            outputTokens: rows.reduce(0) { $0 + $1.outputTokens }, costCents: rows.reduce(0) { $0 + $1.costCents },
            cost: NanoDollars(rows.reduce(0) { $0 + $1.cost.value }))
    }
}
