/// What a string in a signed object has to look like. Rules look at bytes, so that nothing that merely looks alike passes.
struct TextRule: Sendable {
    /// What such a string is, for messages: "… is not (meaning)".
    var meaning: String { describe() }
    private let describe: @Sendable () -> String
    private let test: @Sendable ([UInt8]) -> Bool

    init(
        _ meaning: @autoclosure @escaping @Sendable () -> String, _ test: @escaping @Sendable ([UInt8]) -> Bool
    ) {
        describe = meaning
        self.test = test
    }

    func accepts(_ text: String) -> Bool { test(Array(text.utf8)) }

    static let nonEmpty = TextRule("a text of 1 to 1024 bytes") { (1...1024).contains($0.count) }

    static func hexadecimal(_ count: Int) -> TextRule {
        TextRule("\(count) lower-case hexadecimal digits") { bytes in
            bytes.count == count && bytes.allSatisfy { Hexadecimal.value($0) != nil }
        }
    }

    static let digest = hexadecimal(64)
    static let nonce = hexadecimal(32)
    static let traceID = hexadecimal(32)
    static let spanID = hexadecimal(16)

    static func exactly(_ text: String) -> TextRule {
        TextRule("\"\(text)\"") { $0.elementsEqual(text.utf8) }
    }

    static func oneOf(_ texts: [String]) -> TextRule {
        TextRule("one of \(texts.joined(separator: ", "))") { bytes in texts.contains { bytes.elementsEqual($0.utf8) } }
    }

    /// A whole number of at most 18 digits, without leading zeros.
    static let count = TextRule("a whole number") { bytes in
        (1...18).contains(bytes.count) && bytes.allSatisfy(isDigit) && (bytes.count == 1 || bytes[0] != 0x30)
    }

    static let decimal = TextRule("a decimal number") { bytes in
        let unsigned = bytes.first == UInt8(ascii: "-") ? bytes.dropFirst() : bytes[...]
        return bytes.count <= 40 && isUnsignedDecimal(unsigned)
    }

    static let unsignedDecimal = TextRule("a decimal number that is not negative") { bytes in
        bytes.count <= 40 && isUnsignedDecimal(bytes[...])
    }

    /// A time in UTC with six digits of fraction.
    static let time = TextRule("a time such as 2026-11-23T06:00:00.000000Z") {
        matches($0, "0000-00-00T00:00:00.000000Z")
    }

    /// A time cut to the minute.
    static let minute = TextRule("a time cut to the minute") { bytes in
        matches(bytes, "0000-00-00T00:00:00.000000Z") && bytes.suffix(10).elementsEqual("00.000000Z".utf8)
    }

    static let recordID = TextRule("a record id") { bytes in
        bytes.count == 37 && bytes.starts(with: "vaas_".utf8)
            && bytes.dropFirst(5).allSatisfy { Hexadecimal.value($0) != nil }
    }

    static let runID = TextRule("a run id") { bytes in
        (24...128).contains(bytes.count) && bytes.starts(with: "run_".utf8)
            && bytes.dropFirst(4).allSatisfy { isDigit($0) || isLetter($0) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) && byte < 0x80 }

    private static func isUnsignedDecimal(_ bytes: ArraySlice<UInt8>) -> Bool {
        let parts = bytes.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        return (1...2).contains(parts.count)
            && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(isDigit) }
            && (parts[0].count == 1 || parts[0].first != 0x30)
    }

    /// Whether there is a digit where the pattern has a zero, and the pattern's own character everywhere else.
    private static func matches(_ bytes: [UInt8], _ pattern: String) -> Bool {
        bytes.count == pattern.utf8.count
            && zip(bytes, pattern.utf8).allSatisfy { $1 == 0x30 ? isDigit($0) : $0 == $1 }
    }
}
