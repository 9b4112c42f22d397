import Accounts

/// How often one client may call the public endpoints. Endpoints with the same limit share it.
enum ClientLimit: Hashable, Sendable {
    /// Asking for a user by address.
    case lookups
    /// Signing up and logging in.
    case signIns

    var perMinute: Int {
        switch self {
        case .lookups: 120
        case .signIns: 60
        }
    }
}

/// Holds clients, told apart by their networks, to the limits of the public endpoints. Each process counts for itself.
struct ClientRateLimiter: Sendable {
    private struct Client: Hashable, Sendable {
        let limit: ClientLimit
        let network: ArraySlice<UInt8>
    }

    /// What one household or server gets of IPv6, so that it counts as one client.
    /// https://www.rfc-editor.org/rfc/rfc6177#section-2
    private static let networkByteCountIPv6 = 8

    private let buckets: TokenBuckets<Client>

    init() {
        buckets = TokenBuckets()
    }

    init(now: @escaping @Sendable () -> Int64) {
        buckets = TokenBuckets(now: now)
    }

    /// - Parameter address: Those without an IP address are one client.
    /// - Throws: `rateLimited`.
    func admit(_ address: IPAddress?, _ limit: ClientLimit) throws(APIError) {
        let bytes = address?.bytes ?? []
        let network = bytes.count == 16 ? bytes.prefix(Self.networkByteCountIPv6) : bytes[...]
        let verdict = buckets.take(Client(limit: limit, network: network), perMinute: limit.perMinute)
        guard verdict.isAdmitted else {
            throw .rateLimited(
                "more than \(limit.perMinute) requests a minute come from this address",
                retryAfterMilliseconds: verdict.retryAfterMilliseconds)
        }
    }
}
