import Database
import Sodium

extension AccountStore {
    /// Makes a user with a password.
    ///
    /// An address is taken also by a user who has no password: a stranger can't choose one for somebody else.
    ///
    /// - Parameters:
    ///   - email: In any case of letters.
    ///   - name: May be empty.
    /// - Throws: `emailTaken`, `invalidEmail`, `invalidName`, `invalidPassword`, `overloaded`.
    package func createUser(email: String, name: String, password: String) async throws(AccountsError) -> User {
        let address = try EmailAddress(email).text
        try Self.checkName(name)
        let password = try Password(password)
        // A taken address is not worth the work that a password is.
        guard try await user(email: address) == nil else { throw Self.emailTaken }
        let passwordHash = try await passwords.hash(password).text
        let createdAt = now()
        let user = User(id: UserID(UUIDv7(milliseconds: createdAt)), email: address, name: name, createdAt: createdAt)
        let isNew = try await write { connection throws(DatabaseError) in
            try connection.execute(
                """
                INSERT INTO users (id, email, name, password_hash, created_at)
                VALUES (\(user.id), \(address), \(name), \(passwordHash), \(createdAt))
                ON CONFLICT (email) DO NOTHING
                """) == 1
        }
        guard isNew else { throw Self.emailTaken }
        return user
    }

    /// Checks all that `createUser` refuses without having looked at who is there.
    ///
    /// - Throws: `invalidEmail`, `invalidName`, `invalidPassword`.
    package static func validate(email: String, name: String, password: String) throws(AccountsError) {
        try validate(email: email)
        try checkName(name)
        _ = try Password(password)
    }

    /// - Throws: `invalidEmail`.
    package static func validate(email: String) throws(AccountsError) {
        _ = try EmailAddress(email)
    }

    private static let emailTaken = AccountsError(.emailTaken, "this email address has an account already")

    /// The user with this address, in any case of letters; made, without a name and a password, if there is none.
    ///
    /// - Throws: `invalidEmail`.
    package func findOrCreateUser(email: String) async throws(AccountsError) -> User {
        let address = try EmailAddress(email).text
        let createdAt = now()
        let id = UserID(UUIDv7(milliseconds: createdAt))
        return try await write { connection throws(DatabaseError) in
            try connection.execute(
                """
                INSERT INTO users (id, email, name, created_at) VALUES (\(id), \(address), '', \(createdAt))
                ON CONFLICT (email) DO NOTHING
                """)
            guard let user = try Self.user("email = \(address)", connection) else {
                throw DatabaseError(.other, "a user vanished while being made")
            }
            return user
        }
    }

    /// The user with this address, in any case of letters; nil if there is none.
    ///
    /// - Throws: `invalidEmail`.
    package func user(email: String) async throws(AccountsError) -> User? {
        let address = try EmailAddress(email).text
        return try await read { connection throws(DatabaseError) in try Self.user("email = \(address)", connection) }
    }

    /// The user with this id; nil if there is none.
    package func user(id: UserID) async throws(AccountsError) -> User? {
        try await read { connection throws(DatabaseError) in try Self.user("id = \(id)", connection) }
    }

    private static func user(_ condition: SQL, _ connection: Connection) throws(DatabaseError) -> User? {
        try connection.queryOne("SELECT id, email, name, created_at FROM users WHERE \(condition)")
            .map { row throws(DatabaseError) in try User(row: row) }
    }
}
