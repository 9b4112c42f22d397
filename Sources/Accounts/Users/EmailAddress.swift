/// An address that a user is known by, in the one spelling that is stored.
struct EmailAddress {
    /// Lower case, so that addresses are case-insensitive.
    let text: String

    static let byteCountMax = 254

    /// - Throws: `invalidEmail` unless the text has one `@` with something on both sides, at most 254 bytes, and no
    ///   space or control character.
    init(_ text: String) throws(AccountsError) {
        let normalized = text.lowercased()
        guard normalized.utf8.count <= Self.byteCountMax else {
            throw AccountsError(.invalidEmail, "an email address has at most \(Self.byteCountMax) bytes")
        }
        guard !normalized.unicodeScalars.contains(" "), !normalized.hasControlCharacters else {
            throw AccountsError(.invalidEmail, "an email address has no spaces and no control characters")
        }
        let sides = normalized.split(separator: "@", omittingEmptySubsequences: false)
        guard sides.count == 2, sides.allSatisfy({ !$0.isEmpty }) else {
            throw AccountsError(.invalidEmail, "an email address has one @, with text on both sides")
        }
        self.text = normalized
    }
}
