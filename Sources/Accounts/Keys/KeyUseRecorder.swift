package import Database
import Synchronization

/// When each API key was last used, remembered here and written now and then for many keys at once, so that no request
/// costs a write.
///
/// A process that dies loses what it has not written, and nothing else is lost with it.
package final class KeyUseRecorder: Sendable {
    private let database: Database
    private let now: @Sendable () -> Int64
    private let keyCountMax: Int
    private let unwritten = Mutex<[UUIDv7: Int64]>([:])

    /// Several processes may write the same keys.
    static let lock = TransactionLock("key uses")
    private static let keysPerStatement = 200

    /// - Parameters:
    ///   - database: Opened with `AccountStore.migrations`.
    ///   - keyCountMax: How many keys are remembered at most. When there are more of them between two calls of `flush`,
    ///     uses of further keys are not recorded.
    ///   - now: The wall clock, in milliseconds since 1970-01-01 00:00 UTC.
    package init(
        database: Database,
        keyCountMax: Int = 100_000,
        now: @escaping @Sendable () -> Int64 = { UnixTime.now() }
    ) {
        self.database = database
        self.keyCountMax = keyCountMax
        self.now = now
    }

    /// Notes that a key is used now. Costs less than a microsecond and no statement.
    package func recordUse(of key: UUIDv7) {
        let usedAt = now()
        unwritten.withLock { unwritten in
            guard let known = unwritten[key] else {
                if unwritten.count < keyCountMax { unwritten[key] = usedAt }
                return
            }
            unwritten[key] = max(known, usedAt)
        }
    }

    /// The last use that is not written yet, in milliseconds since 1970-01-01 00:00 UTC; nil if there is none.
    package func lastUse(of key: UUIDv7) -> Int64? {
        unwritten.withLock { $0[key] }
    }

    /// Writes what is remembered into the records of the keys, in one transaction, and forgets it. A later use that is
    /// written there already stays. What can't be written is kept for the next time.
    ///
    /// - Throws: `database`.
    package func flush() async throws(AccountsError) {
        let uses = unwritten.withLock { $0 }
        guard !uses.isEmpty else { return }
        let statements = Self.statements(uses)
        do {
            // Nothing is announced: who may do what has not changed.
            try await database.write(holding: [Self.lock], durability: .relaxed) { connection throws(DatabaseError) in
                for statement in statements { try connection.execute(statement) }
            }
        } catch {
            throw AccountsError(error)
        }
        unwritten.withLock { unwritten in
            for (key, usedAt) in uses where unwritten[key] == usedAt { unwritten[key] = nil }
        }
    }

    private static func statements(_ uses: [UUIDv7: Int64]) -> [SQL] {
        let uses = Array(uses)
        return stride(from: 0, to: uses.count, by: keysPerStatement).map { start in
            statement(uses[start..<min(start + keysPerStatement, uses.count)])
        }
    }

    private static func statement(_ uses: ArraySlice<(key: UUIDv7, value: Int64)>) -> SQL {
        var rows: SQL = ""
        for (key, usedAt) in uses {
            let separator: SQL = rows.binds.isEmpty ? "" : ", "
            rows = "\(rows)\(separator)(CAST(\(key) AS TEXT), CAST(\(usedAt) AS BIGINT))"
        }
        return """
            WITH uses (key_id, used_at) AS (VALUES \(rows))
            UPDATE api_keys SET last_used_at = uses.used_at FROM uses
            WHERE api_keys.id = uses.key_id
              AND (api_keys.last_used_at IS NULL OR api_keys.last_used_at < uses.used_at)
            """
    }
}

extension KeyUseRecorder: CustomReflectable {
    /// Empty: a database remembers what was bound to its statements, hashes too.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
