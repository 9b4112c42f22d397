/// Says which headers cross the gateway.
enum HeaderFilter {
    /// Whether a caller's header may go to a provider: nothing about the connection, nothing that our own request says
    /// differently, nothing meant for us, and nothing that could open a door.
    static func passesUpstream(_ name: String) -> Bool {
        !replaced.contains(name) && !hopByHop.contains(name) && !keptFromProviders.containsPrefix(of: name)
            && !credentialWords.containsPart(of: name)
    }

    /// Whether a provider's header may go to the caller: nothing about the connection or the body, which we may edit,
    /// nothing that would speak in our name, and no cookies.
    static func passesDownstream(_ name: String) -> Bool {
        !answered.contains(name) && !hopByHop.contains(name) && !keptFromCallers.containsPrefix(of: name)
    }

    /// https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1; what a `Connection` header names is dropped besides.
    private static let hopByHop: HeaderNames = [
        "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings",
    ]

    private static let keptFromProviders: HeaderNames = ["x-batchin-", "x-vaas-", "x-forwarded-", "proxy-"]

    /// Any header that is called something like these is taken for a credential.
    private static let credentialWords: HeaderNames = [
        "auth", "cookie", "token", "secret", "key", "credential", "password",
    ]

    private static let replaced: HeaderNames = [
        "host", "content-length", "content-type", "content-encoding", "accept", "accept-encoding", "expect", "origin",
        "referer", "forwarded", "via", "x-real-ip", "traceparent", "tracestate", "x-request-id",
        "openai-organization", "openai-project",
    ]

    private static let keptFromCallers: HeaderNames = [
        "x-batchin-", "x-vaas-", "proxy-", "access-control-", "x-ratelimit-",
    ]

    private static let answered: HeaderNames = [
        "content-length", "content-type", "content-encoding", "set-cookie", "set-cookie2", "alt-svc",
        "strict-transport-security", "www-authenticate", "retry-after", "retry-after-ms", "x-should-retry", "date",
        "server", "via", "traceparent", "tracestate", "x-request-id",
    ]
}
