import Accounts
import Compression
import Database
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
        case .invalidEmail, .invalidName, .invalidScopes, .invalidExpiry, .invalidKey, .ambiguousKey:
            self.init(.invalidRequest, error.message)
        case .userNotFound, .keyNotFound:
            self.init(.notFound, error.message)
        case .masterKey:
            self.init(.internalError, "keys can't be checked")
        case .database:
            self = .unavailable("the database can't be reached")
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
        case is DatabaseError: self = .unavailable("the database can't be reached")
        default: self.init(.internalError, "something went wrong here")
        }
    }
}
