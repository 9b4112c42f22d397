internal import Crypto

/// SHA-256 of what was sent and answered.
enum ContentHash {
    static let ofNothing = of([])

    static func of(_ bytes: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: bytes))
    }

    static func of(_ bytes: RawSpan) -> [UInt8] {
        var hash = SHA256()
        hash.update(bytes)
        return Array(hash.finalize())
    }

    /// The hash of a value of a JSON text: of a string what it says, in UTF-8, and of all else the bytes as they stand.
    static func of(_ value: JSONValue, in bytes: RawSpan) -> [UInt8] {
        guard value.kind == .string else { return of(bytes.extracting(value.range)) }
        guard bytes.holdsBackslash(in: value.content) else { return of(bytes.extracting(value.content)) }
        return of(JoinedText.text(of: value.content, in: bytes))
    }
}
