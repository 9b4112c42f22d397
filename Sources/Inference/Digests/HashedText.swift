internal import Crypto

/// A text that is hashed as it comes, and not kept: as it is, and as the content of the first of several choices, since
/// only the end of an answer tells whether it has more of them.
struct HashedText: Sendable {
    /// What comes before the first choice's content in the canonical JSON of an answer.
    private static let opening = Array(#"[{"content":""#.utf8)

    private var plain = SHA256()
    private var canonical = SHA256()
    private var pieces = JoinedText()
    private(set) var isEmpty = true

    /// SHA-256 of the text.
    var digest: [UInt8] {
        Array(ended.plain.finalize())
    }

    /// The hash of the canonical JSON up to the end of the text; not to be asked for while there is none.
    var canonicalHash: SHA256 {
        ended.canonical
    }

    /// Adds the inside of one more JSON string.
    mutating func add(_ piece: Range<Int>, of bytes: RawSpan) {
        guard !piece.isEmpty else { return }
        if isEmpty { canonical.update(data: Self.opening) }
        isEmpty = false
        guard !pieces.isWhole || bytes.holdsBackslash(in: piece) else {
            // What needs no escape in JSON needs none in canonical JSON.
            plain.update(bytes.extracting(piece))
            return canonical.update(bytes.extracting(piece))
        }
        var text: [UInt8] = []
        pieces.append(piece, of: bytes, to: &text)
        update(text)
    }

    private var ended: HashedText {
        guard !pieces.isWhole else { return self }
        var copy = self
        var text: [UInt8] = []
        copy.pieces.end(&text)
        copy.update(text)
        return copy
    }

    private mutating func update(_ text: [UInt8]) {
        plain.update(data: text)
        var escaped: [UInt8] = []
        CanonicalString.appendContent(text, to: &escaped)
        canonical.update(data: escaped)
    }
}
