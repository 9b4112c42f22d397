import Audit
package import Database
package import Sodium

/// Which log a database holds: fixed when it is begun, and the same for every process.
package struct LogIdentity: Sendable {
    package let origin: String
    package let root: Ed25519PublicKey

    /// The stored identity; nil if the log is not begun.
    package static func stored(in database: Database) async throws(AuditLogError) -> LogIdentity? {
        do {
            return try await database.read { connection throws(DatabaseError) in try stored(connection) }
        } catch {
            throw AuditLogError(error)
        }
    }

    static func stored(_ connection: Connection) throws(DatabaseError) -> LogIdentity? {
        guard let row = try connection.queryOne("SELECT origin, root_key FROM audit_log") else { return nil }
        guard let root = Ed25519PublicKey(bytes: try row.decode("root_key", as: [UInt8].self)) else {
            throw StoredLog.damage("the root's key is not one")
        }
        return LogIdentity(origin: try row.decode("origin", as: String.self), root: root)
    }
}

extension AuditLog {
    /// Begins a log: makes a key for each role, and has the root sign that they are good.
    ///
    /// - Parameters:
    ///   - root: Signs; where its secret is kept is the caller's affair.
    ///   - origin: The name of the log, for good.
    /// - Returns: false if somebody else has begun it by now.
    /// - Throws: `identity` if the origin can't name a log; `keys` if a secret can't be stored.
    package static func begin(
        signedBy root: Ed25519SigningKey, origin: String, in database: Database, folder: KeyFolder,
        now: Int64 = UnixTime.now()
    ) async throws(AuditLogError) -> Bool {
        var envelopes: [DSSEEnvelope] = []
        for role in KeyRole.allCases {
            let key = try newKey(role, in: folder)
            envelopes.append(try sign(.add(key), role, origin: origin, by: root, at: now))
        }
        do {
            return try await database.write(inGroup: .auditLog) { [envelopes] connection throws(DatabaseError) in
                guard try LogIdentity.stored(connection) == nil else { return false }
                try connection.execute(
                    """
                    INSERT INTO audit_log (singleton, origin, root_key) VALUES (1, \(origin), \(root.publicKey.bytes))
                    """)
                var tail = try StoredTree(size: 0, connection).tail()
                for envelope in envelopes { try append(keyEvent: envelope, to: &tail, connection) }
                return true
            }
        } catch {
            throw AuditLogError(error)
        }
    }

    /// Opens the log that is in the database, and checks what can be checked in a moment. If that fails, the log is open
    /// all the same, to be read.
    ///
    /// - Parameters:
    ///   - checkpointFile: Where the last checkpoint is kept apart from the database.
    ///   - now: The wall clock, in milliseconds since 1970-01-01 00:00 UTC.
    /// - Throws: `identity` if the log is not begun; `keys` if a secret is missing or others could have read it.
    package static func open(
        _ database: Database, folder: KeyFolder, checkpointFile: String? = nil,
        now: @escaping @Sendable () -> Int64 = { UnixTime.now() }
    ) async throws(AuditLogError) -> AuditLog {
        guard let identity = try await LogIdentity.stored(in: database) else {
            throw AuditLogError(.identity, "the audit log is not begun; run batchin audit init-root")
        }
        let log = try AuditLog(
            identity, database: database, folder: folder, checkpointFile: checkpointFile.map(CheckpointFile.init),
            now: now)
        try await log.checkAtStart()
        return log
    }
}
