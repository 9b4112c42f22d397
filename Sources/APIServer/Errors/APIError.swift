import HTTPTypes

/// What a client is told when its request can't be served. The only type that knows HTTP statuses; `message` and
/// everything else in it is public.
struct APIError: Error, Sendable {
    /// The contract's words for what went wrong.
    enum Code: String, Sendable, CaseIterable {
        case invalidRequest = "invalid_request"
        case unauthorized
        case invalidCredentials = "invalid_credentials"
        case paymentRequired = "payment_required"
        case forbidden
        case notFound = "not_found"
        case modelNotFound = "model_not_found"
        case methodNotAllowed = "method_not_allowed"
        case conflict
        case payloadTooLarge = "payload_too_large"
        case unsupportedMediaType = "unsupported_media_type"
        case rateLimited = "rate_limited"
        case internalError = "internal"
        case notImplemented = "not_implemented"
        case upstreamError = "upstream_error"
        case serviceUnavailable = "service_unavailable"
        case upstreamTimeout = "upstream_timeout"
    }

    var code: Code
    var message: String
    /// The parameter or field at fault.
    var parameter: String?
    /// What to do next; without one the code's own advice is given.
    var hint: String?
    /// After how many seconds the same request may succeed; sent as `Retry-After`.
    var retryAfterSeconds: Int?
    /// The same, to the millisecond, where it is known so well; sent as `retry-after-ms`.
    var retryAfterMilliseconds: Int64?
    /// The methods that the path takes, for a 405.
    var allowedMethods: [HTTPRequest.Method] = []
    /// Further members of the error object, which stand beside it too.
    var members: [Member] = []
    /// Whether an SDK would repeat the call in vain: said by `x-should-retry: false`.
    var isFinal: Bool
    /// Further headers of the answer.
    var headers = HTTPFields()

    init(_ code: Code, _ message: String, parameter: String? = nil, hint: String? = nil) {
        self.code = code
        self.message = message
        self.parameter = parameter
        self.hint = hint
        self.isFinal = code.isFinal
    }

    /// Something that a client wants to know although its request was refused.
    struct Member: Sendable, Equatable {
        enum Value: Sendable, Equatable {
            case integer(Int64)
            case text(String)
        }

        let name: String
        let value: Value
    }

    static func rateLimited(_ message: String, retryAfterMilliseconds: Int64) -> APIError {
        var error = APIError(.rateLimited, message)
        // Rounded up, so that whoever waits for whole seconds is not too early.
        error.retryAfterSeconds = Int(max(1, (retryAfterMilliseconds + 999) / 1000))
        error.retryAfterMilliseconds = retryAfterMilliseconds
        return error
    }

    static func unavailable(_ message: String, retryAfterSeconds: Int = 1) -> APIError {
        var error = APIError(.serviceUnavailable, message)
        error.retryAfterSeconds = retryAfterSeconds
        return error
    }
}

extension APIError.Code {
    var status: HTTPResponse.Status {
        switch self {
        case .invalidRequest: .badRequest
        case .unauthorized, .invalidCredentials: .unauthorized
        case .paymentRequired: HTTPResponse.Status(code: 402, reasonPhrase: "Payment Required")
        case .forbidden: .forbidden
        case .notFound, .modelNotFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .conflict: .conflict
        case .payloadTooLarge: .contentTooLarge
        case .unsupportedMediaType: .unsupportedMediaType
        case .rateLimited: .tooManyRequests
        case .internalError: .internalServerError
        case .notImplemented: .notImplemented
        case .upstreamError: .badGateway
        case .serviceUnavailable: .serviceUnavailable
        case .upstreamTimeout: .gatewayTimeout
        }
    }

    /// OpenAI's error types, by which its SDKs choose the class to raise.
    var type: String {
        switch self {
        case .invalidRequest, .notFound, .modelNotFound, .methodNotAllowed, .payloadTooLarge, .unsupportedMediaType,
            .forbidden:
            "invalid_request_error"
        case .unauthorized, .invalidCredentials: "authentication_error"
        case .paymentRequired: "insufficient_quota"
        case .conflict: "conflict_error"
        case .rateLimited: "rate_limit_error"
        case .internalError, .notImplemented, .upstreamError, .serviceUnavailable, .upstreamTimeout: "server_error"
        }
    }

    /// Whether a call that fails in this way fails again.
    var isFinal: Bool {
        switch self {
        case .paymentRequired, .conflict, .notImplemented, .internalError: true
        default: false
        }
    }

    var hint: String? {
        switch self {
        case .unauthorized: "Send the header `Authorization: Bearer <API key>`; `batchin keys create` makes a key."
        case .invalidCredentials: "Check the address and the password."
        case .paymentRequired: "Top up the account, or use a key with a larger month budget."
        case .forbidden: "Use a key whose scopes include the one named."
        case .notFound: "Check the path and the id."
        case .modelNotFound: "GET /v1/models lists the models that can be called."
        case .methodNotAllowed: "Use one of the methods in the Allow header."
        case .payloadTooLarge: "Send less at a time."
        case .unsupportedMediaType, .invalidRequest, .conflict: nil
        case .rateLimited, .serviceUnavailable:
            "Wait for as long as Retry-After says, then send the same request again."
        case .internalError: "Report the request_id to whoever runs this server."
        case .upstreamError: "The provider failed; try again, or use another model."
        case .upstreamTimeout: "The provider took too long; try again, ask for less, or stream the answer."
        case .notImplemented: nil
        }
    }
}
