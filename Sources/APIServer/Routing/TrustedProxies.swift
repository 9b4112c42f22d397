import HTTPTypes

/// The proxies whose word about their clients counts.
struct TrustedProxies: Sendable {
    private let ranges: [NetworkRange]

    init(_ ranges: [NetworkRange]) {
        self.ranges = ranges
    }

    /// The client's address: the peer's, or if that is a trusted proxy, whoever it says it forwards for.
    ///
    /// Every proxy adds the address that it was called from on the right, so the way is walked from there, through
    /// trusted proxies, to the first address that is none: what stands left of it anyone can have written. An entry that
    /// is no address ends the walk where it stands. Where `Forwarded` and `X-Forwarded-For` are both there and disagree,
    /// one of them is the client's own invention, and neither counts.
    func client(peer: IPAddress?, _ headers: HTTPFields) -> IPAddress? {
        guard let peer, isTrusted(peer) else { return peer }
        let chains = [
            ForwardedChain(forwarded: headers[values: .forwarded]),
            ForwardedChain(xForwardedFor: headers[values: .xForwardedFor]),
        ]
        let clients = Set(chains.filter { !$0.addresses.isEmpty }.map { walk($0.addresses, from: peer) })
        return clients.count == 1 ? clients.first ?? peer : peer
    }

    private func walk(_ addresses: [IPAddress?], from peer: IPAddress) -> IPAddress {
        var nearest = peer
        for address in addresses.reversed() {
            guard isTrusted(nearest), let address else { break }
            nearest = address
        }
        return nearest
    }

    private func isTrusted(_ address: IPAddress) -> Bool {
        ranges.contains { $0.contains(address) }
    }
}

/// The addresses that a request was forwarded for, the client's first; `nil` for an entry that is no address.
struct ForwardedChain: Equatable {
    let addresses: [IPAddress?]

    /// The header `X-Forwarded-For`: addresses, some with a port.
    init(xForwardedFor values: [String]) {
        addresses = values.flatMap { Self.split($0, at: ",") }.map(Self.address)
    }

    /// The header `Forwarded`: https://www.rfc-editor.org/rfc/rfc7239#section-4
    init(forwarded values: [String]) {
        addresses = values.flatMap { Self.split($0, at: ",") }.map { element in
            let names = Self.split(element, at: ";").compactMap { Self.value(of: "for", in: $0) }
            return names.count == 1 ? Self.address(names[0]) : nil
        }
    }

    /// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`; nil for anything else, such as
    /// `unknown` and `_hidden`. https://www.rfc-editor.org/rfc/rfc7239#section-6
    private static func address(_ text: String) -> IPAddress? {
        let text = String(text[...].trimmingOptionalWhitespace())
        if let address = IPAddress(text) { return address }
        let host: Substring
        let port: Substring
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            port = text[text.index(after: end)...]
            guard host.contains(":") else { return nil }
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[colon...]
        } else {
            return nil
        }
        guard port.isEmpty || port.first == ":" && isPort(port.dropFirst()) else { return nil }
        return IPAddress(String(host))
    }

    /// A number or, behind an underscore, a name that hides it.
    private static func isPort(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.count <= 64
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) } || text.hasPrefix("_")
    }

    /// The value of `name=value`, the name in any case, the value out of its quotes; nil if it has another name.
    private static func value(of name: String, in pair: String) -> String? {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].trimmingOptionalWhitespace().lowercased() == name else { return nil }
        let value = parts[1].trimmingOptionalWhitespace()
        guard value.hasPrefix("\""), value.hasSuffix("\""), value.utf8.count >= 2 else { return String(value) }
        var text = ""
        var isEscaped = false
        for character in value.dropFirst().dropLast() {
            if character == "\\", !isEscaped {
                isEscaped = true
            } else {
                text.append(character)
                isEscaped = false
            }
        }
        return text
    }

    /// The parts of a list, without what is empty; separators inside quotes don't count.
    private static func split(_ text: String, at separator: Character) -> [String] {
        var parts: [String] = [""]
        var isQuoted = false
        var isEscaped = false
        for character in text {
            if character == separator, !isQuoted {
                parts.append("")
                continue
            }
            if character == "\"", !isEscaped { isQuoted.toggle() }
            isEscaped = character == "\\" && isQuoted && !isEscaped
            parts[parts.count - 1].append(character)
        }
        return parts.filter { !$0[...].trimmingOptionalWhitespace().isEmpty }
    }
}

extension HTTPField.Name {
    // Tokens, so the initializer can't fail.
    static let forwarded = Self("Forwarded") ?? .from
    static let xForwardedFor = Self("X-Forwarded-For") ?? .from
}
