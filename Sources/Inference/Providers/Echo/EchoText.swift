/// A text in words, each with the white space before it; the words together are the text.
struct EchoText: Sendable {
    let bytes: [UInt8]
    let words: [Range<Int>]
    /// Whether more was to be said than a limit allowed.
    let isCut: Bool

    /// No answer says more than this.
    private static let byteCountMax = 65_536

    /// - Parameter wordCountMax: Nil means as many as there are.
    init(_ text: [UInt8], wordCountMax: Int? = nil) {
        let end = Self.cut(text)
        var words: [Range<Int>] = []
        var start = 0
        for index in 0..<end where index > start && Self.isSpace(text[index]) && !Self.isSpace(text[index - 1]) {
            words.append(start..<index)
            start = index
        }
        if start < end { words.append(start..<end) }
        let kept = words.prefix(wordCountMax ?? .max)
        bytes = text
        isCut = end < text.count || kept.count < words.count
        self.words = Array(kept)
    }

    /// All of the words.
    var said: String { String(decoding: bytes[..<(words.last?.upperBound ?? 0)], as: UTF8.self) }

    /// How many words a text has, however long it is.
    static func wordCount(_ text: [UInt8]) -> Int {
        var count = text.isEmpty ? 0 : 1
        for index in text.indices.dropFirst() where isSpace(text[index]) && !isSpace(text[index - 1]) { count += 1 }
        return count
    }

    /// Where the text ends at the latest, which is not within a character.
    private static func cut(_ text: [UInt8]) -> Int {
        guard text.count > byteCountMax else { return text.count }
        var end = byteCountMax
        while text[end] & 0b1100_0000 == 0b1000_0000 { end -= 1 }
        return end
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (UInt8(ascii: "\t")...UInt8(ascii: "\r")).contains(byte)
    }
}
