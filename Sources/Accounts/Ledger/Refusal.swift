/// Why a reservation is not made.
enum Refusal: Hashable, Sendable {
    case insufficientCredit
    case budgetExhausted

    var error: AccountsError {
        switch self {
        case .insufficientCredit:
            AccountsError(.insufficientCredit, "the credit that is left does not cover what this may cost")
        case .budgetExhausted:
            AccountsError(.budgetExhausted, "what is left of the key's budget for this month does not cover this")
        }
    }
}
