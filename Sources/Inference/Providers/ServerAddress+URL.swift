import Foundation

extension AttemptRecord.ServerAddress {
    /// The host and the port of an `http` or `https` URL; nil if it has none.
    init?(url: String) {
        guard let url = URL(string: url), let host = url.host(), !host.isEmpty else { return nil }
        self.init(host: host, port: url.port ?? (url.scheme == "https" ? 443 : 80))
    }
}
