import Database

extension IdempotencyStore {
    /// As many as one transaction deletes, so that others don't wait long behind it.
    static let removedCountMax = 64
    private static let removalsMax = 1000

    /// Deletes answers that are a day old, and attempts that were given up; at most 64,000 rows a call. To be called
    /// every few minutes. What is expired counts no more, whether it is deleted or not.
    package func removeExpired() async throws(AccountsError) {
        let now = now()
        for _ in 0..<Self.removalsMax {
            guard try await removeSome(expiredAt: now) == Self.removedCountMax else { return }
        }
    }

    private func removeSome(expiredAt now: Int64) async throws(AccountsError) -> Int {
        do {
            // A lock of its own keeps it from colliding with the transactions that make and change rows.
            return try await database.write(
                holding: [TransactionLock("requests/expired")], durability: .relaxed
            ) { connection throws(DatabaseError) in
                try connection.execute(
                    """
                    DELETE FROM idempotent_requests WHERE expires_at <= \(now) AND key_hash IN (
                        SELECT key_hash FROM idempotent_requests WHERE expires_at <= \(now)
                        ORDER BY expires_at LIMIT \(Self.removedCountMax)
                    )
                    """)
            }
        } catch {
            throw AccountsError(error)
        }
    }
}
