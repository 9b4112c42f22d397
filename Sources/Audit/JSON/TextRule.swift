/// What a string in a signed object has to look like. Rules look at bytes, so that nothing that merely looks alike passes.
struct TextRule: Sendable {
    /// What such a string is, for messages: "… is not (meaning)".
    var meaning: String { describe() }
    private let describe: @Sendable () -> String
    private let test: @Sendable (Span<UInt8>) -> Bool

    init(
        _ meaning: @autoclosure @escaping @Sendable () -> String, _ test: @escaping @Sendable (Span<UInt8>) -> Bool
    ) {
        describe = meaning
        self.test = test
    }

    func accepts(_ text: String) -> Bool { test(text.utf8.span) }

    /// - Throws: `invalidShape`, naming the member, unless the rule accepts its text.
    func check(_ text: String, _ member: String) throws(AuditError) {
        guard accepts(text) else { throw AuditError(.invalidShape, "\(member) is not \(meaning)") }
    }

    static let nonEmpty = TextRule("a text of 1 to 1024 bytes") { (1...1024).contains($0.count) }

    static func hexadecimal(_ count: Int) -> TextRule {
        TextRule("\(count) lower-case hexadecimal digits") { bytes in
            bytes.count == count && allSatisfy(bytes) { Hexadecimal.value($0) != nil }
        }
    }

    static let digest = hexadecimal(64)
    static let nonce = hexadecimal(32)
    static let traceID = hexadecimal(32)
    static let spanID = hexadecimal(16)

    static func exactly(_ text: String) -> TextRule {
        TextRule("\"\(text)\"") { starts($0, with: text) && $0.count == text.utf8.count }
    }

    static func oneOf(_ texts: [String]) -> TextRule {
        TextRule("one of \(texts.joined(separator: ", "))") { bytes in
            for text in texts where starts(bytes, with: text) && bytes.count == text.utf8.count { return true }
            return false
        }
    }

    /// A whole number of at most 18 digits, without leading zeros.
    static let count = TextRule("a whole number") { bytes in
        (1...18).contains(bytes.count) && allSatisfy(bytes, isDigit) && (bytes.count == 1 || bytes[0] != 0x30)
    }

    static let decimal = TextRule("a decimal number") { bytes in
        guard (1...40).contains(bytes.count) else { return false }
        return isUnsignedDecimal(bytes[0] == UInt8(ascii: "-") ? bytes.extracting(1...) : bytes)
    }

    static let unsignedDecimal = TextRule("a decimal number that is not negative") { bytes in
        bytes.count <= 40 && isUnsignedDecimal(bytes)
    }

    /// A time in UTC with six digits of fraction.
    static let time = TextRule("a time such as 2026-11-23T06:00:00.000000Z") {
        isTime($0)
    }

    /// A time cut to the minute.
    static let minute = TextRule("a time cut to the minute") { bytes in
        isTime(bytes) && starts(bytes.extracting(last: 10), with: "00.000000Z")
    }

    static let recordID = TextRule("a record id") { bytes in
        bytes.count == 37 && starts(bytes, with: "vaas_")
            && allSatisfy(bytes.extracting(5...)) { Hexadecimal.value($0) != nil }
    }

    static let runID = TextRule("a run id") { bytes in
        (24...128).contains(bytes.count) && starts(bytes, with: "run_")
            && allSatisfy(bytes.extracting(4...)) { isDigit($0) || isLetter($0) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) && byte < 0x80 }

    private static func allSatisfy(_ bytes: Span<UInt8>, _ test: (UInt8) -> Bool) -> Bool {
        for index in bytes.indices where !test(bytes[index]) { return false }
        return true
    }

    private static func starts(_ bytes: Span<UInt8>, with text: String) -> Bool {
        let text = text.utf8.span
        guard bytes.count >= text.count else { return false }
        for index in text.indices where bytes[index] != text[index] { return false }
        return true
    }

    /// Whether there is such a moment, leap seconds aside.
    private static func isTime(_ bytes: Span<UInt8>) -> Bool {
        guard matches(bytes, "0000-00-00T00:00:00.000000Z") else { return false }
        func number(_ start: Int, _ count: Int) -> Int {
            (start..<start + count).reduce(0) { $0 * 10 + Int(bytes[$1] - 0x30) }
        }
        let (year, month) = (number(0, 4), number(5, 2))
        guard (1...12).contains(month) else { return false }
        let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
        let dayCount = month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
        return (1...dayCount).contains(number(8, 2)) && number(11, 2) < 24 && number(14, 2) < 60 && number(17, 2) < 60
    }

    private static func isUnsignedDecimal(_ bytes: Span<UInt8>) -> Bool {
        var point = 0
        while point < bytes.count, isDigit(bytes[point]) { point += 1 }
        guard point == 1 || point > 1 && bytes[0] != 0x30 else { return false }
        guard point < bytes.count else { return true }
        return bytes[point] == UInt8(ascii: ".") && point + 1 < bytes.count
            && allSatisfy(bytes.extracting((point + 1)...), isDigit)
    }

    /// Whether there is a digit where the pattern has a zero, and the pattern's own character everywhere else.
    private static func matches(_ bytes: Span<UInt8>, _ pattern: String) -> Bool {
        let pattern = pattern.utf8.span
        guard bytes.count == pattern.count else { return false }
        for index in bytes.indices {
            guard pattern[index] == 0x30 ? isDigit(bytes[index]) : bytes[index] == pattern[index] else { return false }
        }
        return true
    }
}
