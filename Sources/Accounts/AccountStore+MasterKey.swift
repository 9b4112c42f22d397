import Crypto
package import Database

extension AccountStore {
    /// Makes sure that the database was made with this master key; a database that knows none yet takes this one.
    ///
    /// With another key every password would still work, but no API key and no session.
    ///
    /// - Throws: `masterKey` if the database was made with another key.
    package func checkMasterKey() async throws(AccountsError) {
        let code = KeyedHasher(masterKey: masterKey, purpose: "batchin master key check v1").hash("master key")
        var stored = try await read { connection throws(DatabaseError) in try Self.masterKeyCode(connection) }
        if stored == nil {
            stored = try await write { connection throws(DatabaseError) in
                try connection.execute(
                    """
                    INSERT INTO master_key_check (singleton, code) VALUES (1, \(code))
                    ON CONFLICT (singleton) DO NOTHING
                    """)
                return try Self.masterKeyCode(connection)
            }
        }
        guard stored.sqlValue == code.sqlValue else {
            throw AccountsError(.masterKey, "this is not the master key that this database was made with")
        }
    }

    /// Whether the database belongs to a master key, so that a new one would be a mistake.
    package static func hasMasterKeyCheck(_ database: Database) async throws(AccountsError) -> Bool {
        do {
            return try await database.queryOne("SELECT singleton FROM master_key_check") != nil
        } catch {
            throw AccountsError(error)
        }
    }

    private static func masterKeyCode(_ connection: Connection) throws(DatabaseError) -> [UInt8]? {
        try connection.queryOne("SELECT code FROM master_key_check")
            .map { row throws(DatabaseError) in try row.decode("code", as: [UInt8].self) }
    }
}
