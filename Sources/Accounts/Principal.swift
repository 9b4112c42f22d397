package import Database

/// Who is asking, and what for they may: the owner of an accepted API key.
package struct Principal: Hashable, Sendable {
    package let userID: UserID
    package let keyID: UUIDv7
    package let scopes: ScopeSet
}
