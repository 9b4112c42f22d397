/// A text that comes in pieces, each of them the inside of a JSON string, as UTF-8.
///
/// The text does not depend on where it was cut: the halves of a surrogate pair that two pieces share become one
/// character, and so do bytes of UTF-8. Half a pair that stays alone becomes U+FFFD; what was not UTF-8 stays so.
struct JoinedText: Sendable {
    /// The first half of a surrogate pair that the last piece ended with.
    private var highSurrogate: UInt16?

    /// Whether a piece without escapes says what it says by itself.
    var isWhole: Bool { highSurrogate == nil }

    /// Appends what one more piece says.
    mutating func append(_ piece: Range<Int>, of bytes: RawSpan, to text: inout [UInt8]) {
        guard !piece.isEmpty else { return }
        var rest = piece
        if let high = highSurrogate.take() {
            if let low = bytes.escapedCodeUnit(at: rest.lowerBound, before: rest.upperBound), low & 0xFC00 == 0xDC00 {
                let scalar = 0x10000 + UInt32(high & 0x3FF) << 10 + UInt32(low & 0x3FF)
                text.append(scalar: Unicode.Scalar(scalar) ?? "\u{FFFD}")
                rest = rest.lowerBound + 6..<rest.upperBound
            } else {
                text.append(scalar: "\u{FFFD}")
            }
        }
        highSurrogate = Self.highSurrogate(endingIn: rest, of: bytes)
        if highSurrogate != nil { rest = rest.lowerBound..<rest.upperBound - 6 }
        bytes.unescape(rest) { text.append($0) }
    }

    /// Appends what is left when no more pieces come.
    mutating func end(_ text: inout [UInt8]) {
        if highSurrogate.take() != nil { text.append(scalar: "\u{FFFD}") }
    }

    /// What a string says that came in one piece.
    static func text(of piece: Range<Int>, in bytes: RawSpan) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(piece.count)
        bytes.unescape(piece) { text.append($0) }
        return text
    }

    /// The high surrogate that the piece's last escape stands for, if that ends the piece.
    private static func highSurrogate(endingIn piece: Range<Int>, of bytes: RawSpan) -> UInt16? {
        let start = piece.upperBound - 6
        guard start >= piece.lowerBound, let unit = bytes.escapedCodeUnit(at: start, before: piece.upperBound),
            unit & 0xFC00 == 0xD800
        else { return nil }
        // The backslash may itself be escaped: then letters follow it, and no code unit.
        var backslash = start
        while backslash > piece.lowerBound, bytes.byte(at: backslash - 1) == UInt8(ascii: "\\") { backslash -= 1 }
        return (start - backslash).isMultiple(of: 2) ? unit : nil
    }
}

extension [UInt8] {
    fileprivate mutating func append(scalar: Unicode.Scalar) {
        for unit in scalar.utf8 { append(unit) }
    }
}
