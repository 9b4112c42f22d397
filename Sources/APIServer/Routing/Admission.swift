import Accounts
import Hummingbird

/// Who may come in: tells who is asking, and holds keys and clients to their limits.
struct Admission: Sendable {
    let authenticator: Authenticator
    let internalToken: InternalToken
    let keyLimits: KeyRateLimiter
    let keyUses: KeyUseRecorder
    let clientLimits: ClientRateLimiter
    let trustedProxies: TrustedProxies
    /// Hears of requests of known users that would have made a record and were turned away.
    let refusals: RefusalCounts

    /// - Returns: The caller; `nil` where none is asked for.
    /// - Throws: `unauthorized`; `AccountsError` when nobody can tell.
    func principal(of request: Request, _ access: Endpoint.Access) async throws -> Principal? {
        switch access {
        case .everyone:
            return nil
        case .everyoneByName:
            guard let bearer = BearerToken(request.headers)?.text else { return nil }
            return try await authenticator.authenticate(bearer: bearer)
        case .operators:
            guard internalToken.isPresented(by: request.headers) else {
                throw APIError(.unauthorized, "the internal token is needed", hint: InternalToken.hint)
            }
            return nil
        case .anyCredential, .key, .keyAdministrator:
            guard let bearer = BearerToken(request.headers)?.text else {
                throw APIError(.unauthorized, "an API key is needed")
            }
            guard let principal = try await authenticator.authenticate(bearer: bearer) else {
                if access.makesRecords, let owner = try await authenticator.owner(ofRefused: bearer) {
                    refusals.add(RefusalCounts.Counts(unauthorized: 1), of: owner)
                }
                throw APIError(.unauthorized, "the API key is not valid")
            }
            return principal
        }
    }

    /// How a key stands that has not asked for anything valid yet; `nil` for one without a limit.
    func standing(of principal: Principal?) -> RateLimitVerdict? {
        guard let key = principal?.keyID, let perMinute = principal?.rateLimitPerMinute else { return nil }
        return keyLimits.standing(of: key, perMinute: perMinute)
    }

    /// Counts a request that passed every other check.
    ///
    /// - Parameter standing: How the key stands now.
    /// - Throws: `rateLimited`; `AccountsError` when nobody can tell.
    func admit(
        _ principal: Principal?, _ endpoint: Endpoint, _ request: Request, _ context: APIContext,
        standing: inout RateLimitVerdict?
    ) async throws {
        if let limit = endpoint.clientLimit {
            try clientLimits.admit(trustedProxies.client(peer: context.peer, request.headers), limit)
        }
        guard let key = principal?.keyID else { return }
        if let perMinute = principal?.rateLimitPerMinute {
            let verdict = try await keyLimits.admit(key, perMinute: perMinute)
            standing = verdict
            guard verdict.isAdmitted else {
                if let principal, endpoint.access.makesRecords {
                    refusals.add(RefusalCounts.Counts(rateLimited: 1), of: principal.userID)
                }
                throw APIError.rateLimited(
                    "this key may make \(verdict.limit) requests a minute",
                    retryAfterMilliseconds: verdict.retryAfterMilliseconds)
            }
        }
        keyUses.recordUse(of: key)
    }
}

extension Endpoint.Access {
    /// Whether what is refused here would have been a record.
    fileprivate var makesRecords: Bool {
        switch self {
        case .key(.inference), .key(.auditWrite): true
        default: false
        }
    }
}
