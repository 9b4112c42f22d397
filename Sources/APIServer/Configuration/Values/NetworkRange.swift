/// An IP address or a block of them in CIDR notation: https://www.rfc-editor.org/rfc/rfc4632#section-3.1
package struct NetworkRange: Sendable, Hashable, LosslessStringConvertible {
    /// The notation as it was given.
    package let description: String
    private let address: IPAddress
    private let prefixLength: Int

    /// Nil if `text` is neither an address nor an address, a slash and a prefix length.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let address = IPAddress(parts[0]) else { return nil }
        let bits = address.bytes.count * 8
        var prefixLength = bits
        if parts.count == 2 {
            guard let length = Int(parts[1]), length.description == parts[1] else { return nil }
            // A block of mapped addresses is counted in the 128 bits of its notation.
            prefixLength = bits == 32 && parts[0].contains(":") ? length - 96 : length
        }
        guard (0...bits).contains(prefixLength) else { return nil }
        self.description = text
        self.address = address
        self.prefixLength = prefixLength
    }

    package func contains(_ candidate: IPAddress) -> Bool {
        guard candidate.bytes.count == address.bytes.count else { return false }
        return zip(candidate.bytes, address.bytes).enumerated().allSatisfy { index, pair in
            let bits = min(max(prefixLength - index * 8, 0), 8)
            return (pair.0 ^ pair.1) >> (8 - bits) == 0
        }
    }
}

extension NetworkRange: ScalarValue {
    static var expectation: String { "an IP address or a CIDR block" }
}
