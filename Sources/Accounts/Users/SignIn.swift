import Database
import Sodium

/// Logging in with an address and a password.
///
/// Nobody learns from it which addresses have users: one without is answered like one with another password, after the
/// same work. Ten failures in a row for one address start a delay, doubled by each further one up to 15 minutes, in
/// which no password is looked at.
package struct SignIn: Sendable {
    private let accounts: AccountStore
    private let addressHasher: KeyedHasher

    private static let sessionLifetimeMilliseconds: Int64 = 12 * 3600 * 1000
    private static let expiredCountMax = 100

    package init(accounts: AccountStore) {
        self.accounts = accounts
        addressHasher = KeyedHasher(masterKey: accounts.masterKey, purpose: "batchin login address hash v1")
    }

    /// Opens a session of twelve hours for the user with this address and password.
    ///
    /// - Throws: `invalidEmail` for text that is no address; `invalidCredentials`; `tooManyFailures` and `overloaded`,
    ///   without having looked at the password; `database`.
    package func logIn(email: String, password: String) async throws(AccountsError) -> Login {
        let address = try EmailAddress(email).text
        let addressHash = addressHasher.hash(address)
        // Whoever won't be heard need not take a place in the line.
        try await failures(of: addressHash).check(at: accounts.now())
        let user = try await accounts.passwords.withTurn { turn throws(AccountsError) -> User in
            try await verifiedUser(address, addressHash, password, turn)
        }
        return try await openSession(for: user, addressHash)
    }

    /// The user whose address and password these are.
    ///
    /// Whoever holds a turn is almost alone, so others' failures count here up to the last one or two: guessing in
    /// parallel gains nothing.
    private func verifiedUser(
        _ address: String, _ addressHash: KeyedHash, _ password: String, _ turn: PasswordHasher.Turn
    ) async throws(AccountsError) -> User {
        let (failures, found) = try await accounts.read { connection throws(DatabaseError) in
            (try LoginFailures.read(of: addressHash, connection), try UserWithPassword.read(address, connection))
        }
        try failures.check(at: accounts.now())
        let matches = try await turn.matches(found?.passwordHash ?? .matchingNothing, password)
        guard let found, found.passwordHash != nil, matches else {
            let failedAt = accounts.now()
            try await accounts.write(holding: [LoginFailures.lock]) { connection throws(DatabaseError) in
                try LoginFailures.record(of: addressHash, at: failedAt, connection)
            }
            throw AccountsError(.invalidCredentials, "the address or the password is wrong")
        }
        return found.user
    }

    private func failures(of addressHash: KeyedHash) async throws(AccountsError) -> LoginFailures {
        try await accounts.read { connection throws(DatabaseError) in
            try LoginFailures.read(of: addressHash, connection)
        }
    }

    /// Every login clears away more sessions than it makes, if they have expired.
    private func openSession(for user: User, _ addressHash: KeyedHash) async throws(AccountsError) -> Login {
        var generator = SystemRandomNumberGenerator()
        let token = SessionToken(using: &generator)
        let tokenHash = accounts.bearerHasher.hash(token.secret)
        let createdAt = accounts.now()
        let expiresAt = createdAt + Self.sessionLifetimeMilliseconds
        try await accounts.write(holding: [LoginFailures.lock]) { connection throws(DatabaseError) in
            try LoginFailures.forget(of: addressHash, connection)
            try connection.execute(
                """
                DELETE FROM sessions WHERE token_hash IN (
                    SELECT token_hash FROM sessions WHERE expires_at <= \(createdAt)
                    ORDER BY expires_at LIMIT \(Self.expiredCountMax))
                """)
            try connection.execute(
                """
                INSERT INTO sessions (token_hash, user_id, created_at, expires_at)
                VALUES (\(tokenHash), \(user.id), \(createdAt), \(expiresAt))
                """)
        }
        return Login(user: user, token: token, expiresAt: expiresAt)
    }
}

/// A user as a login needs it.
private struct UserWithPassword {
    let user: User
    /// Nil until the user has chosen a password.
    let passwordHash: PasswordHash?

    static func read(_ address: String, _ connection: Connection) throws(DatabaseError) -> UserWithPassword? {
        let row = try connection.queryOne(
            "SELECT id, email, name, created_at, password_hash FROM users WHERE email = \(address)")
        guard let row else { return nil }
        let text = try row.decode("password_hash", as: String?.self)
        return UserWithPassword(user: try User(row: row), passwordHash: text.map(PasswordHash.init(storedText:)))
    }
}
