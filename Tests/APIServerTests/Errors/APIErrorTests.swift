import Accounts
import Database
import HTTPTypes
import Testing

@testable import APIServer

@Suite struct APIErrorTests {
    private static let accountsErrors: [(AccountsError.Code, Int, String?)] = [
        (.invalidEmail, 400, "email"), (.invalidName, 400, "name"), (.invalidPassword, 400, "password"),
        (.invalidScopes, 400, "scopes"), (.invalidExpiry, 400, "expires_at"),
        (.invalidRateLimit, 400, "rate_limit_rpm"),
        (.invalidBudget, 400, "monthly_budget_cents"), (.invalidKey, 400, nil), (.ambiguousKey, 400, nil),
        (.invalidAmount, 400, nil), (.invalidReason, 400, nil), (.emailTaken, 409, "email"),
        (.conflictingReference, 409, nil), (.runConflict, 409, nil), (.invalidCredentials, 401, nil),
        (.insufficientCredit, 402, nil), (.budgetExhausted, 402, nil), (.tooManyFailures, 429, nil),
        (.overloaded, 503, nil), (.userNotFound, 404, nil), (.keyNotFound, 404, nil), (.masterKey, 500, nil),
        (.database, 503, nil), (.invalidIdempotencyKey, 400, "Idempotency-Key"),
    ]

    @Test func `every error of the accounts has its status`() {
        #expect(Set(Self.accountsErrors.map(\.0)) == Set(AccountsError.Code.allCases))
    }

    @Test(arguments: accountsErrors)
    func `an error of the accounts has its status and names the field`(
        code: AccountsError.Code, status: Int, parameter: String?
    ) {
        let error = APIError(AccountsError(code, "words", detail: "canary"))
        #expect(error.code.status.code == status && error.parameter == parameter)
        #expect(!"\(error)".contains("canary"))
    }

    @Test(arguments: [AccountsError.Code.tooManyFailures, .overloaded])
    func `whoever is told to wait is told how long`(code: AccountsError.Code) {
        #expect(APIError(AccountsError(code, "", retryAfterSeconds: 40)).retryAfterSeconds == 40)
        #expect(APIError(AccountsError(code, "")).retryAfterSeconds == 1)
    }

    @Test(arguments: DatabaseError.Code.allCases)
    func `a database that may come back is 503 with a time, one that won't is 500, and neither says more`(
        code: DatabaseError.Code
    ) {
        let error = APIError(DatabaseError(code, "words", detail: "canary"))
        switch code {
        case .busy, .serializationFailure, .connectionLost, .diskFull, .readOnly, .inputOutput, .cancelled:
            #expect(error.code == .serviceUnavailable && error.retryAfterSeconds == 1)
        case .invalidValue:
            #expect(error.code == .invalidRequest)
        case .uniqueViolation, .foreignKey, .constraint, .corrupt, .invalidRow, .migration, .other:
            #expect(error.code == .internalError)
        }
        #expect(!"\(error)".contains("canary"))
    }

    @Test(arguments: APIError.Code.allCases)
    func `SDKs are told not to repeat what can't succeed`(code: APIError.Code) {
        let final: [APIError.Code] = [.paymentRequired, .conflict, .notImplemented, .internalError]
        #expect(code.isFinal == final.contains(code))
    }

    @Test(arguments: [(0, 1), (1, 1), (1000, 1), (1001, 2), (59_999, 60)])
    func `whole seconds to wait are never too few`(milliseconds: Int64, seconds: Int) {
        #expect(APIError.rateLimited("", retryAfterMilliseconds: milliseconds).retryAfterSeconds == seconds)
    }
}
