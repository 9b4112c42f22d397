/// A request's query, percent-decoded; names may repeat.
struct QueryParameters: Sendable {
    private var items: [(name: String, value: String)] = []

    /// - Throws: `invalidRequest` when the query is not valid percent-encoded UTF-8.
    init(_ query: String?) throws(APIError) {
        for pair in (query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decode(parts[0]), let value = Self.decode(parts.count == 2 ? parts[1] : "") else {
                throw APIError(.invalidRequest, "the query is not valid percent-encoded UTF-8")
            }
            items.append((name, value))
        }
    }

    /// The value of `name`; `nil` when it is absent or empty.
    ///
    /// - Throws: `invalidRequest` when it is given more than once.
    func value(_ name: String) throws(APIError) -> String? {
        let values = self.values(name)
        guard values.count <= 1 else {
            throw APIError(.invalidRequest, "\(name) is given \(values.count) times", parameter: name)
        }
        return values.first.flatMap { $0.isEmpty ? nil : $0 }
    }

    func values(_ name: String) -> [String] {
        items.filter { $0.name == name }.map(\.value)
    }

    /// The integer `name`, which must be within `range`.
    func integer(_ name: String, in range: ClosedRange<Int>) throws(APIError) -> Int? {
        guard let text = try value(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw APIError(
                .invalidRequest, "\(name) must be an integer from \(range.lowerBound) to \(range.upperBound)",
                parameter: name)
        }
        return number
    }

    private static func decode(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"):
                bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            default:
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
