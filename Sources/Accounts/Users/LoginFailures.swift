import Database

/// How many logins have failed in a row for an address, and when the last one did.
///
/// They are stored, so that they count across processes and restarts, and forgotten after a day without another one.
/// An address without a user has failures like any other.
struct LoginFailures {
    let count: Int
    let lastFailedAt: Int64

    /// Held by whoever changes failures or sessions.
    static let lock = TransactionLock("logins")

    private static let freeCount = 10
    private static let delaySecondsMax: Int64 = 15 * 60
    private static let lifetimeMilliseconds: Int64 = 24 * 3600 * 1000
    private static let forgottenCountMax = 100

    /// How long it takes until the next login is heard, in whole seconds; 0 if it is heard now.
    func remainingSeconds(at now: Int64) -> Int {
        guard count >= Self.freeCount else { return 0 }
        let delay = min(1 << Int64(min(count - Self.freeCount, 30)), Self.delaySecondsMax) * 1000
        let remaining = min(lastFailedAt + delay - now, delay)
        return Int(max(remaining + 999, 0) / 1000)
    }

    /// - Throws: `tooManyFailures` while the next login is not heard.
    func check(at now: Int64) throws(AccountsError) {
        let seconds = remainingSeconds(at: now)
        guard seconds == 0 else {
            throw AccountsError(
                .tooManyFailures,
                "too many logins have failed for this address; try again in \(seconds) seconds",
                retryAfterSeconds: seconds)
        }
    }

    static func read(of address: KeyedHash, _ connection: Connection) throws(DatabaseError) -> LoginFailures {
        let row = try connection.queryOne(
            "SELECT failure_count, last_failed_at FROM login_failures WHERE address_hash = \(address)")
        guard let row else { return LoginFailures(count: 0, lastFailedAt: 0) }
        return LoginFailures(
            count: try row.decode("failure_count", as: Int.self),
            lastFailedAt: try row.decode("last_failed_at", as: Int64.self))
    }

    /// Counts one more failure, and forgets old ones: of more addresses than are added, so that the table can't grow
    /// for ever.
    static func record(of address: KeyedHash, at now: Int64, _ connection: Connection) throws(DatabaseError) {
        let forgottenAt = now - lifetimeMilliseconds
        try connection.execute(
            """
            DELETE FROM login_failures WHERE address_hash IN (
                SELECT address_hash FROM login_failures WHERE last_failed_at <= \(forgottenAt)
                ORDER BY last_failed_at LIMIT \(forgottenCountMax))
            """)
        // So many may be old that this address's is not among those that have just gone.
        try connection.execute(
            """
            INSERT INTO login_failures (address_hash, failure_count, last_failed_at)
            VALUES (\(address), 1, \(now))
            ON CONFLICT (address_hash) DO UPDATE SET
                failure_count = CASE WHEN login_failures.last_failed_at <= \(forgottenAt) THEN 1
                    ELSE login_failures.failure_count + 1 END,
                last_failed_at = excluded.last_failed_at
            """)
    }

    static func forget(of address: KeyedHash, _ connection: Connection) throws(DatabaseError) {
        try connection.execute("DELETE FROM login_failures WHERE address_hash = \(address)")
    }
}
