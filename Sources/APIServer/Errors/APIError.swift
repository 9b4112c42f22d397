import HTTPTypes

/// What a client is told when its request can't be served. The only type that knows HTTP statuses; `message` and
/// everything else in it is public.
struct APIError: Error, Sendable {
    /// The contract's words for what went wrong.
    enum Code: String, Sendable, CaseIterable {
        case invalidRequest = "invalid_request"
        case unauthorized
        case forbidden
        case notFound = "not_found"
        case methodNotAllowed = "method_not_allowed"
        case payloadTooLarge = "payload_too_large"
        case unsupportedMediaType = "unsupported_media_type"
        case rateLimited = "rate_limited"
        case internalError = "internal"
        case notImplemented = "not_implemented"
        case serviceUnavailable = "service_unavailable"
    }

    var code: Code
    var message: String
    /// The parameter or field at fault.
    var parameter: String?
    /// What to do next; without one the code's own advice is given.
    var hint: String?
    /// After how many seconds the same request may succeed; sent as `Retry-After`.
    var retryAfterSeconds: Int?
    /// The methods that the path takes, for a 405.
    var allowedMethods: [HTTPRequest.Method] = []

    init(_ code: Code, _ message: String, parameter: String? = nil, hint: String? = nil) {
        self.code = code
        self.message = message
        self.parameter = parameter
        self.hint = hint
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
        case .unauthorized: .unauthorized
        case .forbidden: .forbidden
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .payloadTooLarge: .contentTooLarge
        case .unsupportedMediaType: .unsupportedMediaType
        case .rateLimited: .tooManyRequests
        case .internalError: .internalServerError
        case .notImplemented: .notImplemented
        case .serviceUnavailable: .serviceUnavailable
        }
    }

    /// OpenAI's error types, by which its SDKs choose the class to raise.
    var type: String {
        switch self {
        case .invalidRequest, .notFound, .methodNotAllowed, .payloadTooLarge, .unsupportedMediaType, .forbidden:
            "invalid_request_error"
        case .unauthorized: "authentication_error"
        case .rateLimited: "rate_limit_error"
        case .internalError, .notImplemented, .serviceUnavailable: "server_error"
        }
    }

    /// Whether an SDK would repeat the call in vain: said by `x-should-retry: false`.
    var isFinal: Bool {
        self == .notImplemented || self == .internalError
    }

    var hint: String? {
        switch self {
        case .unauthorized: "Send the header `Authorization: Bearer <API key>`; `batchin keys create` makes a key."
        case .forbidden: "Use a key whose scopes include the one named."
        case .notFound: "Check the path and the id."
        case .methodNotAllowed: "Use one of the methods in the Allow header."
        case .payloadTooLarge: "Send smaller batches; the limit is the setting limits.body_bytes."
        case .unsupportedMediaType, .invalidRequest: nil
        case .rateLimited, .serviceUnavailable:
            "Wait for as long as Retry-After says, then send the same request again."
        case .internalError: "Report the request_id to whoever runs this server."
        case .notImplemented: nil
        }
    }
}
