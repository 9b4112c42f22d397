/// A running count of text, from which its tokens can be estimated without any model's vocabulary.
///
/// The estimate gives each character a weight by its first UTF-8 byte. The weights were fitted by least squares to
/// two public vocabularies of 100,000 and 200,000 tokens over prose in 43 languages, source code and JSON: nine
/// texts in ten come out between 0.77 and 1.16 of the true count, English prose at 1.1, ciphertext-like letters at 0.5.
/// Weights add up, so how a text is cut into pieces makes no difference.
///
/// No byte-level vocabulary makes more tokens than the text has bytes, so `byteCount` is the upper bound.
package struct TextTally: Hashable, Sendable {
    /// The text's length as UTF-8.
    package private(set) var byteCount: Int64 = 0
    private var hundredths: Int64 = 0

    package init() {}

    /// The estimated number of tokens, rounded up.
    package var tokenCount: Int64 { (hundredths + 99) / 100 }

    /// Adds what a JSON string says, given between its quotes.
    mutating func add(_ content: Range<Int>, of bytes: RawSpan) {
        let weights = Self.weights
        bytes.unescape(content) { byte in
            byteCount += 1
            hundredths += Int64(weights[Int(byte)])
        }
    }

    /// Adds bytes as they stand.
    mutating func add(raw range: Range<Int>, of bytes: RawSpan) {
        let weights = Self.weights
        for offset in range { hundredths += Int64(weights[Int(bytes.byte(at: offset))]) }
        byteCount += Int64(range.count)
    }

    /// Hundredths of a token by a character's first byte; the bytes that follow it in a character have none.
    private static let weights: [UInt8] = (0...UInt8.max).map { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): 24
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): 28
        case UInt8(ascii: "0")...UInt8(ascii: "9"): 75
        case UInt8(ascii: " "): 4
        case 0..<0x20, 0x7F: 84
        case 0x21..<0x7F: 56  // punctuation
        case 0x80..<0xC0: 0
        case 0xC0..<0xD0: 71  // Latin with marks, Greek
        case 0xD0..<0xE0: 38  // Cyrillic, Hebrew, Arabic
        case 0xE0..<0xE4: 79  // scripts of India and Southeast Asia, symbols, kana
        case 0xE4..<0xEA: 71  // Chinese characters
        case 0xEA..<0xF0: 80  // Hangul
        default: 218  // emoji
        }
    }
}
