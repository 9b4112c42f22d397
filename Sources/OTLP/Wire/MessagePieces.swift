/// A singular sub-message, which may have arrived in several pieces.
///
/// Protobuf merges repeated occurrences of a singular sub-message, and the merged message is what one gets from reading
/// the pieces one after the other, as if they were one. https://protobuf.dev/programming-guides/encoding/#last-one-wins
struct MessagePieces {
    private(set) var first: Range<Int>?
    /// Empty unless the sender wrote the field several times, which no known encoder does.
    private(set) var others: [Range<Int>] = []

    init() {}

    init(_ message: Range<Int>) {
        first = message
    }

    mutating func append(_ piece: Range<Int>) {
        if first == nil {
            first = piece
        } else {
            others.append(piece)
        }
    }
}

/// A reading position within a message that may have arrived in several pieces.
struct PiecesCursor {
    /// Reads the values of the fields that `nextField` returns.
    var current: WireCursor
    private let others: [Range<Int>]
    private var next = 0

    init(_ message: MessagePieces) {
        current = WireCursor(message.first ?? 0..<0)
        others = message.others
    }

    @inline(__always)
    mutating func nextField(in bytes: RawSpan) throws(WireFault) -> WireField? {
        if let field = try current.nextField(in: bytes) { return field }
        while next < others.count {
            current = WireCursor(others[next])
            next += 1
            if let field = try current.nextField(in: bytes) { return field }
        }
        return nil
    }
}
