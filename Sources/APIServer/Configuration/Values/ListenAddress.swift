/// A host and a port to listen on, written `HOST:PORT`, an IPv6 host in brackets.
package struct ListenAddress: Sendable, Hashable, LosslessStringConvertible {
    /// A name or an IP address, without brackets.
    package var host: String
    /// 0 to 65535; with 0 the system chooses a free port.
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Nil if `text` is not of the form `HOST:PORT`.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.allSatisfy(\.isASCII), let port = UInt16(digits), digits.first != "+" else { return nil }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            let inner = String(host.dropFirst().dropLast())
            guard inner.contains(":"), IPAddress(inner) != nil else { return nil }
            self.init(host: inner, port: Int(port))
        } else {
            guard host.wholeMatch(of: /[A-Za-z0-9._-]{1,253}/) != nil else { return nil }
            self.init(host: String(host), port: Int(port))
        }
    }

    package var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// Whether nobody but this machine can reach the address.
    package var isLoopback: Bool {
        host.lowercased() == "localhost" || IPAddress(host)?.isLoopback == true
    }
}

extension ListenAddress: ScalarValue {
    static var expectation: String { "HOST:PORT" }
}
