import Accounts
import AuditLog
import Compression
import Database
import Inference
import OTLP
import TraceStore

/// Where the modules' errors become what a client is told: every code has its status here and nowhere else.
extension APIError {
    init(_ error: TraceStoreError) {
        switch error.code {
        case .overloaded, .diskFull, .inputOutput, .closed, .locked:
            self = .unavailable(error.message)
        case .corrupt:
            self.init(.internalError, "stored data is damaged")
        }
    }

    init(_ error: OTLPError) {
        let place = error.field.map { " at \($0)" } ?? ""
        self.init(.invalidRequest, "\(error.message)\(place)", parameter: error.field)
    }

    init(_ error: CompressionError, limit: Int) {
        switch error.code {
        case .outputLimitExceeded:
            self = .bodyTooLarge(limit: limit)
        default:
            self.init(
                .invalidRequest, "the body can't be decompressed: \(error.message)", parameter: "Content-Encoding")
        }
    }

    init(_ error: AccountsError) {
        switch error.code {
        case .invalidEmail: self.init(.invalidRequest, error.message, parameter: "email")
        case .invalidName: self.init(.invalidRequest, error.message, parameter: "name")
        case .invalidPassword: self.init(.invalidRequest, error.message, parameter: "password")
        case .invalidScopes: self.init(.invalidRequest, error.message, parameter: "scopes")
        case .invalidExpiry: self.init(.invalidRequest, error.message, parameter: "expires_at")
        case .invalidRateLimit: self.init(.invalidRequest, error.message, parameter: "rate_limit_rpm")
        case .invalidBudget: self.init(.invalidRequest, error.message, parameter: "monthly_budget_cents")
        case .invalidIdempotencyKey: self.init(.invalidRequest, error.message, parameter: "Idempotency-Key")
        case .invalidKey, .ambiguousKey, .invalidAmount, .invalidReason:
            self.init(.invalidRequest, error.message)
        case .emailTaken:
            self.init(
                .conflict, error.message, parameter: "email",
                hint: "Log in with POST /v1/users/login, or use another address.")
        case .conflictingReference, .runConflict:
            self.init(.conflict, error.message)
        case .invalidCredentials:
            self.init(.invalidCredentials, error.message)
        case .insufficientCredit, .budgetExhausted:
            self.init(.paymentRequired, error.message)
        case .tooManyFailures:
            self = .rateLimited(
                error.message, retryAfterMilliseconds: Int64(max(1, error.retryAfterSeconds ?? 1)) * 1000)
        case .overloaded:
            self = .unavailable(error.message, retryAfterSeconds: max(1, error.retryAfterSeconds ?? 1))
        case .userNotFound, .keyNotFound:
            self.init(.notFound, error.message)
        case .masterKey:
            self.init(.internalError, "keys can't be checked")
        case .database:
            self = error.underlying.map(APIError.init) ?? .unavailable("the database can't be reached")
        }
    }

    /// What may heal by itself is 503, so that clients come back; the rest is ours to mend.
    init(_ error: DatabaseError) {
        switch error.code {
        case .busy, .serializationFailure:
            self = .unavailable("the database is busy")
        case .connectionLost, .diskFull, .readOnly, .inputOutput, .cancelled:
            self = .unavailable("the database can't be reached")
        case .invalidValue:
            self.init(.invalidRequest, error.message)
        case .uniqueViolation, .foreignKey, .constraint, .corrupt, .invalidRow, .migration, .other:
            self.init(.internalError, "something went wrong here")
        }
    }

    init(_ error: AuditLogError) {
        switch error.code {
        case .inconsistent: self = .auditLogDamaged
        case .identity, .keys: self = .unavailable("records can't be signed now")
        case .outOfRange, .invalidValue: self.init(.invalidRequest, error.message)
        case .database: self = .unavailable(error.message)
        }
    }

    init(_ error: InferenceError) {
        switch error.code {
        case .invalidRequest: self.init(.invalidRequest, error.message, parameter: error.parameter)
        case .requestTooLarge: self.init(.payloadTooLarge, error.message, parameter: error.parameter)
        case .modelNotFound: self.init(.modelNotFound, error.message, parameter: error.parameter)
        case .notImplemented: self.init(.notImplemented, error.message, parameter: error.parameter)
        case .upstreamError: self.init(.upstreamError, error.message)
        case .upstreamRefused:
            self.init(
                .upstreamError, error.message,
                hint: "Whoever runs this server has to look at the provider's key, account and model name.")
            isFinal = true
        case .upstreamTimeout: self.init(.upstreamTimeout, error.message)
        case .unavailable: self = .unavailable(error.message, retryAfterSeconds: error.retryAfterSeconds ?? 1)
        case .upstreamRateLimited:
            self = .rateLimited(error.message, retryAfterMilliseconds: Int64(error.retryAfterSeconds ?? 1) * 1000)
        case .cancelled: self.init(.serviceUnavailable, error.message)
        }
    }

    static func bodyTooLarge(limit: Int) -> APIError {
        APIError(.payloadTooLarge, "the body is larger than \(limit) bytes")
    }

    /// What any error that reaches a route's edge is answered with; the operator's log gets the rest.
    init(_ error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let error as TraceStoreError: self.init(error)
        case let error as OTLPError: self.init(error)
        case let error as AccountsError: self.init(error)
        case let error as DatabaseError: self.init(error)
        case let error as InferenceError: self.init(error)
        case let error as AuditLogError: self.init(error)
        default: self.init(.internalError, "something went wrong here")
        }
    }
}
