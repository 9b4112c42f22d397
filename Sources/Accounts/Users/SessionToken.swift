/// What a login gives out: a secret that speaks for its user until it expires.
package struct SessionToken: Sendable {
    let secret: BearerSecret

    /// Makes a token; production passes a `SystemRandomNumberGenerator`.
    init(using generator: inout some RandomNumberGenerator) {
        secret = BearerSecret(.session, using: &generator)
    }

    /// The token itself. Give it to whoever has logged in, and to nobody else.
    package var secretText: String { secret.text }
}

extension SessionToken: RedactedInPrint {}
