/// Where one value lies in a text, its quotes or brackets included.
struct JSONValue: Equatable, Sendable {
    enum Kind: Sendable {
        case object
        case array
        case string
        case number
        case `true`
        case `false`
        case null
    }

    let kind: Kind
    let range: Range<Int>
}

/// An object or array that a cursor steps through.
struct JSONContainer: Equatable, Sendable {
    /// The offset of the opening bracket.
    let start: Int
    /// The offset of the closing bracket, once the cursor has stepped out.
    var close: Int?
    /// The number of members or elements that the cursor has come to.
    var count = 0
    /// The offset of the comma before the latest of them.
    var separator: Int?

    init(start: Int) {
        self.start = start
    }
}

/// A member of an object, up to its colon.
struct JSONMember: Equatable, Sendable {
    /// The number of members before this one.
    let ordinal: Int
    /// The offset of the comma before this member; nil for the first one.
    let separator: Int?
    /// The offset of the key's opening quote.
    let start: Int
    /// The key between its quotes, still escaped.
    let key: Range<Int>
    let keyHasEscapes: Bool

    /// Whether the key is `name`, however it is escaped. `name` is ASCII.
    @inline(__always)
    func isNamed(_ name: StaticString, in bytes: RawSpan) -> Bool {
        keyHasEscapes ? hasEscapedKey(name, in: bytes) : bytes.holds(name, in: key)
    }

    @inline(never)
    private func hasEscapedKey(_ name: StaticString, in bytes: RawSpan) -> Bool {
        var unescaped: [UInt8] = []
        bytes.unescape(key) { unescaped.append($0) }
        return unescaped.withRawBytes { $0.holds(name, in: 0..<$0.byteCount) }
    }
}

// MARK: - Reading what a cursor has stepped over

extension JSONValue {
    /// A string's text between its quotes, still escaped.
    var content: Range<Int> {
        precondition(kind == .string, "the value is no string")
        return range.lowerBound + 1..<range.upperBound - 1
    }

    /// A string's text; what is not Unicode in it becomes U+FFFD. Nil for other values.
    func string(in bytes: RawSpan) -> String? {
        guard kind == .string else { return nil }
        var text: [UInt8] = []
        text.reserveCapacity(content.count)
        bytes.unescape(content) { text.append($0) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil for other values than `true` and `false`.
    var bool: Bool? {
        switch kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// A number without fraction and exponent that fits an `Int64`. Nil for other values.
    func integer(in bytes: RawSpan) -> Int64? {
        guard kind == .number else { return nil }
        var result: Int64 = 0
        var offset = range.lowerBound
        let isNegative = bytes.byte(at: offset) == UInt8(ascii: "-")
        if isNegative { offset += 1 }
        while offset < range.upperBound {
            let byte = bytes.byte(at: offset)
            guard byte.isDigit else { return nil }
            let digit = Int64(byte - UInt8(ascii: "0"))
            let (product, isTooLarge) = result.multipliedReportingOverflow(by: 10)
            let (sum, isTooLargeNow) = product.addingReportingOverflow(isNegative ? -digit : digit)
            guard !isTooLarge, !isTooLargeNow else { return nil }
            result = sum
            offset += 1
        }
        return result
    }
}
