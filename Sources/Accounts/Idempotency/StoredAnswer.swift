/// An answer to a request, as it is kept to be given again.
package struct StoredAnswer: Hashable, Sendable {
    package struct Header: Hashable, Sendable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package let status: Int
    package let headers: [Header]
    package let body: [UInt8]

    package init(status: Int, headers: [Header], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// The bytes that are encrypted: a 1 for this format, the status, the number of headers, for each of them its name and
/// its value preceded by their lengths, and the body. Numbers have four bytes, the most significant first.
extension StoredAnswer {
    private static let format: UInt8 = 1

    var encoded: [UInt8] {
        var bytes = [Self.format]
        bytes.reserveCapacity(body.count + headers.reduce(9) { $0 + $1.name.utf8.count + $1.value.utf8.count + 8 })
        Self.append(status, to: &bytes)
        Self.append(headers.count, to: &bytes)
        for text in headers.flatMap({ [$0.name, $0.value] }) {
            Self.append(text.utf8.count, to: &bytes)
            bytes += text.utf8
        }
        return bytes + body
    }

    /// - Returns: nil if the bytes are not those of an answer.
    init?(encoded bytes: [UInt8]) {
        guard bytes.first == Self.format else { return nil }
        var rest = bytes.dropFirst()
        guard let status = Self.number(from: &rest), let headerCount = Self.number(from: &rest) else { return nil }
        var headers: [Header] = []
        for _ in 0..<headerCount {
            guard let name = Self.text(from: &rest), let value = Self.text(from: &rest) else { return nil }
            headers.append(Header(name: name, value: value))
        }
        self.init(status: status, headers: headers, body: Array(rest))
    }

    private static func append(_ number: Int, to bytes: inout [UInt8]) {
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    private static func number(from bytes: inout ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= 4 else { return nil }
        defer { bytes = bytes.dropFirst(4) }
        return bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    }

    private static func text(from bytes: inout ArraySlice<UInt8>) -> String? {
        guard let count = number(from: &bytes), bytes.count >= count else { return nil }
        defer { bytes = bytes.dropFirst(count) }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
