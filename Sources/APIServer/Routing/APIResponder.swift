import Accounts
import AuditLog
import Database
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import OTLP

/// Answers every request: names it, joins its trace, finds its endpoint, checks the key, and turns what goes wrong into
/// an answer. Nothing but a response leaves here.
struct APIResponder: HTTPResponder {
    typealias Context = APIContext

    let routes: RouteTable
    let admission: Admission
    let metrics: ServerMetrics

    func respond(to request: Request, context: APIContext) async throws -> Response {
        var generator = SystemRandomNumberGenerator()
        let requestID = RequestIdentifier(request.headers[.requestID], using: &generator).text
        let trace = TraceContext(request.headers, using: &generator)
        let match = routes.match(request.uri.path)
        var standing: RateLimitVerdict?
        var response: Response
        do {
            response = try await answer(
                request, context, match, requestID: requestID, trace: trace, standing: &standing)
        } catch let error where ClientDeparture.explains(error) {
            throw error
        } catch {
            let failure = APIError(error)
            log(error, as: failure, requestID: requestID, to: context.logger)
            let format = match?.endpoint(closestTo: request.method)?.errorFormat ?? .contract
            response = ErrorResponse(failure, requestID: requestID).response(format, for: request)
        }
        if request.method == .head { response = response.withoutBody() }
        response.headers[.requestID] = requestID
        response.headers[.traceparent] = trace.traceparent
        if let standing { response.headers.setRateLimit(standing) }
        metrics.count(request.method, match?.endpoint(closestTo: request.method)?.path, response.status)
        return response
    }

    /// - Parameter standing: Is set as soon as it is known that a key with a limit asks.
    private func answer(
        _ request: Request, _ context: APIContext, _ match: RouteTable.Match?, requestID: String, trace: TraceContext,
        standing: inout RateLimitVerdict?
    ) async throws -> Response {
        guard let match, let closest = match.endpoint(closestTo: request.method) else {
            throw APIError(.notFound, "there is nothing at \(request.uri.path)")
        }
        let principal = try await admission.principal(of: request, closest.access)
        standing = admission.standing(of: principal)
        guard match.takes(request.method) else {
            var error = APIError(.methodNotAllowed, "\(request.method.rawValue) is not possible here")
            error.allowedMethods = match.allowedMethods
            throw error
        }
        let apiRequest = APIRequest(
            request: request, parameters: match.parameters, requestID: requestID, trace: trace, principal: principal,
            channel: context.channel)
        return try await Self.run(on: closest.placement) {
            let call = try await closest.prepare(apiRequest)
            try await admission.admit(principal, closest, request, context, standing: &standing)
            return try await call()
        }
    }

    /// Connections are served on their event loops.
    private static func run(
        on placement: Endpoint.Placement, _ work: () async throws -> Response
    ) async throws -> Response {
        switch placement {
        case .eventLoop: try await work()
        case .pool: try await withTaskExecutorPreference(globalConcurrentExecutor) { try await work() }
        }
    }

    private func log(_ error: any Error, as failure: APIError, requestID: String, to logger: Logger) {
        let isOfDatabase =
            (error as? AccountsError)?.code == .database || error is DatabaseError || error is AuditLogError
        // Overload is counted, not logged; the span store says itself when it fails.
        guard failure.code == .internalError || isOfDatabase && failure.code == .serviceUnavailable else { return }
        logger.error(
            "request failed", metadata: ["request_id": "\(requestID)", "error": "\(String(reflecting: error))"])
    }
}

/// `Authorization: Bearer …` (RFC 6750); the scheme in any case.
struct BearerToken {
    let text: String

    init?(_ headers: HTTPFields) {
        let parts = (headers[.authorization] ?? "").split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        self.text = String(parts[1])
    }
}

/// A request's name in logs and answers: the client's own if it is well formed, else a new one.
struct RequestIdentifier {
    static let lengthMax = 128

    let text: String

    init(_ given: String?, using generator: inout some RandomNumberGenerator) {
        if let given, Self.isWellFormed(given) {
            self.text = given
        } else {
            self.text = "req_" + Hexadecimal.string(generator.next()) + Hexadecimal.string(generator.next())
        }
    }

    private static func isWellFormed(_ text: String) -> Bool {
        (1...lengthMax).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
                default: false
                }
            }
    }
}

extension Response {
    /// The same head, as HEAD is answered.
    fileprivate func withoutBody() -> Response {
        var response = self
        let length = body.contentLength
        response.body = ResponseBody()
        response.headers[.contentLength] = length.map(String.init)
        return response
    }
}
