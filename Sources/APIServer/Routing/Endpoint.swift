import Accounts
import HTTPTypes
import Hummingbird

/// One method on one path: who may call it, how its input is read, what it does.
///
/// Reading comes before the check of scopes and doing after it, which is the contract's order of errors: 401, 405, 413,
/// 415, 400, 403, then whatever the deed itself fails with.
struct Endpoint: Sendable {
    enum Access: Sendable {
        case everyone
        /// A valid key, whatever its scopes.
        case anyKey
        /// A valid key with this scope.
        case key(Scope)
        /// Everyone in development; elsewhere only with the internal token.
        case operators
    }

    /// How errors are written on a path.
    enum ErrorFormat: Sendable {
        /// The contract's error object.
        case contract
        /// `google.rpc.Status` in the request's encoding.
        case otlp
        /// `google.rpc.Status` in JSON.
        case otlpJSON
    }

    let method: HTTPRequest.Method
    /// Segments in braces are parameters: `/v1/traces/{trace_id}`.
    let path: String
    let access: Access
    let errorFormat: ErrorFormat
    let respond: @Sendable (APIRequest) async throws -> Response

    /// - Parameters:
    ///   - read: Validates the request; sees it before the scope is checked, so it must not act.
    ///   - act: Does what the endpoint is for.
    init<Input>(
        _ method: HTTPRequest.Method, _ path: String, access: Access, errors errorFormat: ErrorFormat = .contract,
        read: @escaping @Sendable (APIRequest) async throws -> Input,
        act: @escaping @Sendable (Input, APIRequest) async throws -> Response
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.errorFormat = errorFormat
        self.respond = { request in
            let input = try await read(request)
            if case .key(let scope) = access, request.principal?.scopes.contains(scope) != true {
                throw APIError(.forbidden, "this key lacks the scope \(scope.rawValue)")
            }
            return try await act(input, request)
        }
    }

    /// An endpoint that reads nothing but its path.
    init(
        _ method: HTTPRequest.Method, _ path: String, access: Access, errors errorFormat: ErrorFormat = .contract,
        act: @escaping @Sendable (APIRequest) async throws -> Response
    ) {
        self.init(
            method, path, access: access, errors: errorFormat, read: { _ in },
            act: { _, request in try await act(request) })
    }
}

/// What a handler sees of a request.
struct APIRequest: Sendable {
    let request: Request
    /// The path's parameters, percent-decoding aside.
    let parameters: [String: String]
    let requestID: String
    let trace: TraceContext
    /// Who is asking; `nil` on public paths.
    let principal: Principal?

    var headers: HTTPFields { request.headers }

    /// - Throws: `invalidRequest` when the query can't be decoded.
    func query() throws(APIError) -> QueryParameters { try QueryParameters(request.uri.query) }

    /// The caller on a path that no one reaches without a key.
    func authenticated() throws(APIError) -> Principal {
        guard let principal else { throw APIError(.unauthorized, "an API key is needed") }
        return principal
    }
}
