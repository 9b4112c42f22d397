import Foundation

/// Where an upstream listens and what its paths are: a base URL, taken apart once.
struct UpstreamAddress {
    let host: String
    let port: Int
    let isSecure: Bool
    /// What a `Host` header says. https://www.rfc-editor.org/rfc/rfc9110#section-7.2
    let authority: String
    /// The path of the base URL, with a slash at its end.
    private let basePath: String

    /// Nil for a URL that can't be called.
    init?(baseURL: String) {
        guard let url = URL(string: baseURL), let scheme = url.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let urlHost = url.host(), !urlHost.isEmpty,
            (1...65_535).contains(url.port ?? 1)
        else { return nil }
        host = String(urlHost.drop { $0 == "[" }.prefix { $0 != "]" })
        isSecure = scheme == "https"
        let usualPort = isSecure ? 443 : 80
        port = url.port ?? usualPort
        let name = host.contains(":") ? "[\(host)]" : host
        authority = port == usualPort ? name : "\(name):\(port)"
        let path = url.path(percentEncoded: true)
        basePath = path.hasSuffix("/") ? path : path + "/"
    }

    func path(of endpoint: UpstreamRequest.Endpoint) -> String { basePath + endpoint.rawValue }
}
