import Accounts
import Foundation
import HTTPTypes
import Hummingbird
import Logging

/// Answers every request: names it, joins its trace, finds its endpoint, checks the key, and turns what goes wrong into
/// an answer. Nothing but a response leaves here.
struct APIResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let routes: RouteTable
    let authenticator: Authenticator
    let internalToken: InternalToken
    let metrics: ServerMetrics

    func respond(to request: Request, context: Context) async throws -> Response {
        var generator = SystemRandomNumberGenerator()
        let requestID = RequestIdentifier(request.headers[.requestID], using: &generator).text
        let trace = TraceContext(request.headers, using: &generator)
        let match = routes.match(request.uri.path)
        var response: Response
        do {
            response = try await answer(request, match, requestID: requestID, trace: trace)
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
        metrics.count(request.method, match?.endpoint(closestTo: request.method)?.path, response.status)
        return response
    }

    private func answer(
        _ request: Request, _ match: RouteTable.Match?, requestID: String, trace: TraceContext
    ) async throws -> Response {
        guard let match, let closest = match.endpoint(closestTo: request.method) else {
            throw APIError(.notFound, "there is nothing at \(request.uri.path)")
        }
        let principal = try await admit(request, closest.access)
        guard match.takes(request.method) else {
            var error = APIError(.methodNotAllowed, "\(request.method.rawValue) is not possible here")
            error.allowedMethods = match.allowedMethods
            throw error
        }
        return try await closest.respond(
            APIRequest(
                request: request, parameters: match.parameters, requestID: requestID, trace: trace,
                principal: principal))
    }

    /// - Returns: The caller; `nil` where none is asked for.
    private func admit(_ request: Request, _ access: Endpoint.Access) async throws -> Principal? {
        switch access {
        case .everyone:
            return nil
        case .operators:
            guard internalToken.isPresented(by: request.headers) else {
                throw APIError(.unauthorized, "the internal token is needed", hint: InternalToken.hint)
            }
            return nil
        case .anyKey, .key:
            guard let bearer = BearerToken(request.headers)?.text else {
                throw APIError(.unauthorized, "an API key is needed")
            }
            guard let principal = try await authenticator.authenticate(bearer: bearer) else {
                throw APIError(.unauthorized, "the API key is not valid")
            }
            return principal
        }
    }

    private func log(_ error: any Error, as failure: APIError, requestID: String, to logger: Logger) {
        // Overload is counted, not logged; a store that fails says so itself.
        guard failure.code == .internalError else { return }
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
            self.text = "req_" + UInt128.random(in: .min ... .max, using: &generator).paddedHex(digits: 32)
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
