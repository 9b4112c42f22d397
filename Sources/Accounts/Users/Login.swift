/// What a login gives out.
package struct Login: Sendable {
    package let user: User
    package let token: SessionToken
    /// Milliseconds since 1970-01-01 00:00 UTC, from which on the token is dead.
    package let expiresAt: Int64
}
