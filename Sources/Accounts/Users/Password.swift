/// A password that a user may choose.
struct Password: Sendable {
    let text: String

    private static let byteCounts = 8...1024

    /// - Throws: `invalidPassword` unless the text has 8 to 1024 bytes of UTF-8.
    init(_ text: String) throws(AccountsError) {
        guard Self.byteCounts.contains(text.utf8.count) else {
            throw AccountsError(
                .invalidPassword,
                "a password has \(Self.byteCounts.lowerBound) to \(Self.byteCounts.upperBound) bytes")
        }
        self.text = text
    }
}

extension Password: RedactedInPrint {}
