/// An API key: a secret that is shown once, when it is made.
package struct APIKey: Sendable {
    let secret: BearerSecret

    private static let prefixLength = 16

    /// Makes a key; production passes a `SystemRandomNumberGenerator`.
    init(using generator: inout some RandomNumberGenerator) {
        secret = BearerSecret(.apiKey, using: &generator)
    }

    /// The key itself. Print it once to its owner, and nowhere else.
    package var secretText: String { secret.text }

    /// The first 16 characters, which tell keys apart in lists and are no secret.
    package var prefix: String { String(secretText.prefix(Self.prefixLength)) }
}

extension APIKey: RedactedInPrint {}
