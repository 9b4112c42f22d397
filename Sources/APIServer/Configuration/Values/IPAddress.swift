import Foundation

/// An IP address. An IPv4 address inside IPv6 (`::ffff:10.0.0.1`) counts as the IPv4 address that it is.
package struct IPAddress: Sendable, Hashable {
    /// 4 or 16 bytes in network order.
    package let bytes: [UInt8]

    /// Nil if `text` is neither dotted-quad IPv4 nor IPv6 without zone and brackets.
    package init?(_ text: String) {
        if let bytes = Self.parse(text, family: AF_INET, count: 4) {
            self.bytes = bytes
        } else if let bytes = Self.parse(text, family: AF_INET6, count: 16) {
            self.bytes = bytes.starts(with: Self.mappedPrefix) ? Array(bytes[12...]) : bytes
        } else {
            return nil
        }
    }

    /// Whether the address reaches nobody but this machine.
    package var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes == Array(repeating: 0, count: 15) + [1]
    }

    /// https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5.2
    private static let mappedPrefix: [UInt8] = Array(repeating: 0, count: 10) + [0xff, 0xff]

    /// https://man7.org/linux/man-pages/man3/inet_pton.3.html
    private static func parse(_ text: String, family: Int32, count: Int) -> [UInt8]? {
        guard !text.utf8.contains(0) else { return nil }
        var bytes = [UInt8](repeating: 0, count: count)
        let result = unsafe bytes.withUnsafeMutableBytes { buffer in
            // The buffer has the size that inet_pton writes for this family.
            unsafe inet_pton(family, text, buffer.baseAddress)
        }
        return result == 1 ? bytes : nil
    }
}
