import HTTPTypes
import Hummingbird
import NIOCore
import OTLP

/// An error as the client gets it, in the form that the path speaks.
struct ErrorResponse {
    private let error: APIError
    private let requestID: String

    init(_ error: APIError, requestID: String) {
        self.error = error
        self.requestID = requestID
    }

    func response(_ format: Endpoint.ErrorFormat, for request: Request) -> Response {
        var headers = error.headers
        if let seconds = error.retryAfterSeconds { headers[.retryAfter] = String(seconds) }
        if let milliseconds = error.retryAfterMilliseconds { headers[.retryAfterMilliseconds] = String(milliseconds) }
        if error.isFinal { headers[.shouldRetry] = "false" }
        if !error.allowedMethods.isEmpty {
            headers[.allow] = error.allowedMethods.map(\.rawValue).joined(separator: ", ")
        }
        if error.code.status == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
        let encoding: OTLPEncoding? =
            switch format {
            case .contract: nil
            case .otlpJSON: .json
            // "application/json for JSON-encoded requests"; JSON too where the request's type is neither.
            case .otlp: OTLPEncoding(contentType: request.headers[.contentType]) ?? .json
            }
        headers[.contentType] = encoding?.contentType ?? "application/json"
        let body: [UInt8] =
            switch encoding {
            case .protobuf: rpcStatus.protobuf
            case .json: rpcStatus.json
            case nil: contractObject
            }
        return Response(
            status: error.code.status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    /// `{"error":{"code","message","type","param","hint","request_id"}}`, every key always there, and what else the error has to say.
    var contractObject: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("error")
        writer.beginObject()
        writer.key("code")
        writer.string(error.code.rawValue)
        writer.key("message")
        writer.string(error.message)
        writer.key("type")
        writer.string(error.code.type)
        writer.key("param")
        writer.stringOrNull(error.parameter)
        writer.key("hint")
        writer.stringOrNull(error.hint ?? error.code.hint)
        writer.key("request_id")
        writer.string(requestID)
        // Inside, because SDKs show nothing else of a body; beside it for clients that look for them where they are when
        // the request is not refused.
        for member in error.members { writer.member(member) }
        writer.endObject()
        for member in error.members { writer.member(member) }
        writer.endObject()
        return writer.bytes
    }

    /// The message starts with the contract's word for the error.
    private var rpcStatus: RPCStatus {
        var violations: [RPCStatus.FieldViolation] = []
        if error.code == .invalidRequest {
            violations.append(
                RPCStatus.FieldViolation(field: error.parameter ?? "", description: error.message))
        }
        return RPCStatus(
            code: error.code.rpcCode, message: "\(error.code.rawValue): \(error.message)", fieldViolations: violations)
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ member: APIError.Member) {
        key(member.name)
        switch member.value {
        case .integer(let number): integer(number)
        case .text(let text): string(text)
        }
    }

    mutating func stringOrNull(_ value: String?) {
        if let value { string(value) } else { null() }
    }
}

extension APIError.Code {
    /// https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto
    fileprivate var rpcCode: RPCStatus.Code {
        switch self {
        case .invalidRequest, .unsupportedMediaType, .payloadTooLarge: .invalidArgument
        case .unauthorized, .invalidCredentials: .unauthenticated
        case .forbidden: .permissionDenied
        case .notFound, .modelNotFound: .notFound
        case .methodNotAllowed, .notImplemented: .unimplemented
        case .rateLimited, .paymentRequired: .resourceExhausted
        case .conflict: .alreadyExists
        case .internalError: .internal
        case .serviceUnavailable, .upstreamError: .unavailable
        case .upstreamTimeout: .deadlineExceeded
        }
    }
}

extension HTTPField.Name {
    // A token, so the initializer can't fail.
    fileprivate static let retryAfterMilliseconds = Self("retry-after-ms") ?? .from
}
