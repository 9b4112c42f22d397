/// The 16 bytes that all spans of one trace share, read in big-endian order.
package struct TraceID: Hashable, Sendable {
    package static let byteCount = 16

    package var high: UInt64
    package var low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Nil unless there are exactly 16 bytes.
    package init?(bytes: RawSpan) {
        guard bytes.byteCount == Self.byteCount else { return nil }
        self.init(high: bytes.bigEndianUInt64(at: 0), low: bytes.bigEndianUInt64(at: 8))
    }

    /// Nil unless there are exactly 32 hexadecimal digits, of either case.
    package init?(hex: some StringProtocol) {
        let digits = hex.utf8
        guard digits.count == 2 * Self.byteCount,
            let high = Hexadecimal.uint64(digits.prefix(16)),
            let low = Hexadecimal.uint64(digits.dropFirst(16))
        else { return nil }
        self.init(high: high, low: low)
    }

    /// Whether this is the id that means "none".
    package var isZero: Bool { high | low == 0 }

    /// 32 lowercase hexadecimal digits.
    package var hex: String { Hexadecimal.string([high, low]) }
}

extension TraceID: Comparable {
    package static func < (left: TraceID, right: TraceID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension TraceID: CustomStringConvertible {
    package var description: String { hex }
}
