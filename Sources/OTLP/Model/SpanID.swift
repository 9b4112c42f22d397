/// The 8 bytes that name a span within its trace, read in big-endian order.
package struct SpanID: Hashable, Sendable {
    package static let byteCount = 8

    package var rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Nil unless there are exactly 8 bytes.
    package init?(bytes: RawSpan) {
        guard bytes.byteCount == Self.byteCount else { return nil }
        self.init(rawValue: bytes.bigEndianUInt64(at: 0))
    }

    /// Nil unless there are exactly 16 hexadecimal digits, of either case.
    package init?(hex: some StringProtocol) {
        guard let rawValue = Hexadecimal.uint64(hex.utf8) else { return nil }
        self.init(rawValue: rawValue)
    }

    /// Whether this is the id that means "none".
    package var isZero: Bool { rawValue == 0 }

    /// 16 lowercase hexadecimal digits.
    package var hex: String { Hexadecimal.string(rawValue) }
}

extension SpanID: Comparable {
    package static func < (left: SpanID, right: SpanID) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension SpanID: CustomStringConvertible {
    package var description: String { hex }
}
