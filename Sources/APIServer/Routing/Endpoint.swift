import Accounts
import HTTPTypes
import Hummingbird
import NIOCore

/// One method on one path: who may call it, how its input is read, what it does.
///
/// Reading comes before the check of scopes, that before the check of limits, and doing after all of them, which is the
/// contract's order of errors: 401, 405, 413, 415, 400, 403, 429, then whatever the deed itself fails with.
struct Endpoint: Sendable {
    enum Access: Sendable {
        case everyone
        /// Everyone; whoever shows a valid key or session is known by it.
        case everyoneByName
        /// A valid key or session, whatever its scopes.
        case anyCredential
        /// A valid key or session with this scope.
        case key(Scope)
        /// Whoever may make and delete keys: a session, or a key with the scope `account` and no limits of its own, since
        /// one with limits could shed them by making another key.
        case keyAdministrator
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

    /// Where a request is read and served.
    enum Placement: Sendable {
        /// On the threads for work of any length.
        case pool
        /// On the connection's event loop: for what only waits, and never computes for long.
        case eventLoop
    }

    /// A request that was read and may be served; to be run once it is within its limits.
    typealias Call = @Sendable () async throws -> Response

    let method: HTTPRequest.Method
    /// Segments in braces are parameters: `/v1/traces/{trace_id}`. One with dots at the end is all that follows:
    /// `/vaas/log/{tile...}`.
    let path: String
    let access: Access
    let errorFormat: ErrorFormat
    let placement: Placement
    /// What holds each client back, beside what its key may do.
    let clientLimit: ClientLimit?
    /// Validates a request, and checks whether the caller may do this at all.
    let prepare: @Sendable (APIRequest) async throws -> Call

    /// - Parameters:
    ///   - read: Validates the request; sees it before the scope is checked, so it must not act.
    ///   - act: Does what the endpoint is for.
    init<Input: Sendable>(
        _ method: HTTPRequest.Method, _ path: String, access: Access, errors errorFormat: ErrorFormat = .contract,
        on placement: Placement = .pool, limit clientLimit: ClientLimit? = nil,
        read: @escaping @Sendable (APIRequest) async throws -> Input,
        act: @escaping @Sendable (Input, APIRequest) async throws -> Response
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.errorFormat = errorFormat
        self.placement = placement
        self.clientLimit = clientLimit
        self.prepare = { request in
            let input = try await read(request)
            try access.check(request.principal)
            return { try await act(input, request) }
        }
    }

    /// An endpoint that reads nothing but its path.
    init(
        _ method: HTTPRequest.Method, _ path: String, access: Access, errors errorFormat: ErrorFormat = .contract,
        limit clientLimit: ClientLimit? = nil,
        act: @escaping @Sendable (APIRequest) async throws -> Response
    ) {
        self.init(
            method, path, access: access, errors: errorFormat, limit: clientLimit, read: { _ in },
            act: { _, request in try await act(request) })
    }
}

extension Endpoint.Access {
    /// - Throws: `forbidden`.
    fileprivate func check(_ principal: Principal?) throws(APIError) {
        switch self {
        case .everyone, .everyoneByName, .anyCredential, .operators:
            break
        case .key(let scope):
            try Self.check(principal, has: scope)
        case .keyAdministrator:
            try Self.check(principal, has: .account)
            guard principal?.monthlyBudgetCents == nil, principal?.rateLimitPerMinute == nil else {
                throw APIError(
                    .forbidden, "a key with a budget or a rate limit can't make, list or delete keys",
                    hint: "Use a session, or a key with the scope account and without limits.")
            }
        }
    }

    private static func check(_ principal: Principal?, has scope: Scope) throws(APIError) {
        guard principal?.scopes.contains(scope) == true else {
            throw APIError(.forbidden, "this key lacks the scope \(scope.rawValue)")
        }
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
    /// The connection that it came in on.
    let channel: any Channel

    var headers: HTTPFields { request.headers }

    /// - Throws: `invalidRequest` when the query can't be decoded.
    func query() throws(APIError) -> QueryParameters { try QueryParameters(request.uri.query) }

    /// The caller on a path that no one reaches without a key.
    func authenticated() throws(APIError) -> Principal {
        guard let principal else { throw APIError(.unauthorized, "an API key is needed") }
        return principal
    }
}
