import Database
import Synchronization

/// Token buckets in the database, one row for each key, for processes that serve the same keys.
///
/// A process leases tokens a few at a time and uses them without asking again. Of one key at most one lease is under way
/// in a process: requests that come meanwhile wait for it, and share what the next one brings.
final class SharedTokenBuckets: Sendable {
    private enum Outcome {
        case decided(RateLimitVerdict)
        case failed(AccountsError)
        /// This request has to lease for all that wait.
        case lead(LeasedTokens.Order)
    }

    private struct Waiter {
        let perMinute: Int
        let continuation: CheckedContinuation<Outcome, Never>
    }

    private struct State {
        var tokens = BoundedTable<UUIDv7, LeasedTokens>(countMax: 50_000)
        /// By key: who waits for the lease that is under way, first come, first served.
        var waiters: [UUIDv7: [Waiter]] = [:]
    }

    private let database: Database
    private let now: @Sendable () -> Int64
    private let state = Mutex(State())

    /// How far the clocks of two processes may differ without more being admitted for it.
    static let clockSkewMillisecondsMax: Int64 = 60_000

    init(database: Database, now: @escaping @Sendable () -> Int64) {
        self.database = database
        self.now = now
    }

    /// Takes a token of this key.
    ///
    /// - Throws: `database`.
    func take(_ key: UUIDv7, perMinute: Int) async throws(AccountsError) -> RateLimitVerdict {
        if let verdict = state.withLock({ tryTaking(key, perMinute, &$0) }) { return verdict }
        let outcome = await withCheckedContinuation { continuation in
            let waiter = Waiter(perMinute: perMinute, continuation: continuation)
            if let outcome = state.withLock({ enter(key, waiter, &$0) }) { continuation.resume(returning: outcome) }
        }
        switch outcome {
        case .decided(let verdict): return verdict
        case .failed(let error): throw error
        case .lead(let order): return try await lead(key, perMinute, order)
        }
    }

    /// How a key stands as far as this process knows, with nothing taken.
    func standing(_ key: UUIDv7, perMinute: Int) -> RateLimitVerdict {
        state.withLock { state in
            let now = now()
            let tokens = state.tokens[key] ?? LeasedTokens(perMinute: perMinute, at: now)
            return tokens.standing(perMinute: perMinute, at: now)
        }
    }

    // MARK: One lease at a time

    /// - Returns: nil after `waiter` was put in the queue.
    private func enter(_ key: UUIDv7, _ waiter: Waiter, _ state: inout State) -> Outcome? {
        if let verdict = tryTaking(key, waiter.perMinute, &state) { return .decided(verdict) }
        if state.waiters[key] != nil {
            state.waiters[key]?.append(waiter)
            return nil
        }
        state.waiters[key] = []
        return .lead(update(key, waiter.perMinute, &state) { tokens, _ in tokens.order(waiting: 1) })
    }

    private func lead(
        _ key: UUIDv7, _ perMinute: Int, _ order: LeasedTokens.Order
    ) async throws(AccountsError) -> RateLimitVerdict {
        do throws(DatabaseError) {
            let lease = try await lease(key, perMinute, order)
            return settle(key, perMinute, order, lease)
        } catch {
            let error = AccountsError(error)
            let waiters = state.withLock { $0.waiters.removeValue(forKey: key) } ?? []
            for waiter in waiters { waiter.continuation.resume(returning: .failed(error)) }
            throw error
        }
    }

    /// Shares out what a lease brought: to the one that led, then to those that wait. Where it is not enough, the next
    /// of them leads.
    private func settle(
        _ key: UUIDv7, _ perMinute: Int, _ order: LeasedTokens.Order, _ lease: LeasedTokens.Lease
    ) -> RateLimitVerdict {
        var resumed: [(waiter: Waiter, outcome: Outcome)] = []
        let verdict = state.withLock { state in
            let own = update(key, perMinute, &state) { tokens, now in
                tokens.receive(lease, of: order, at: now)
                // A lease brings a token or the knowledge that there is none, so this is always decided.
                return tokens.take(perMinute: perMinute, at: now) ?? tokens.standing(perMinute: perMinute, at: now)
            }
            var waiters = state.waiters.removeValue(forKey: key)?[...] ?? []
            while let waiter = waiters.first, let verdict = tryTaking(key, waiter.perMinute, &state) {
                resumed.append((waiter, .decided(verdict)))
                waiters.removeFirst()
            }
            if let next = waiters.first {
                let order = update(key, next.perMinute, &state) { tokens, _ in tokens.order(waiting: waiters.count) }
                resumed.append((next, .lead(order)))
                state.waiters[key] = Array(waiters.dropFirst())
            }
            return own
        }
        for (waiter, outcome) in resumed { waiter.continuation.resume(returning: outcome) }
        return verdict
    }

    private func tryTaking(_ key: UUIDv7, _ perMinute: Int, _ state: inout State) -> RateLimitVerdict? {
        update(key, perMinute, &state) { tokens, now in tokens.take(perMinute: perMinute, at: now) }
    }

    /// The clock is read under the lock, so that time does not run backwards between two requests.
    private func update<Result>(
        _ key: UUIDv7, _ perMinute: Int, _ state: inout State, _ body: (inout LeasedTokens, Int64) -> Result
    ) -> Result {
        let now = now()
        return state.tokens.update(
            key, orInsert: { LeasedTokens(perMinute: perMinute, at: now) }, isSpare: { $0.isSpare(at: now) },
            { body(&$0, now) })
    }

    // MARK: The row

    /// The lock makes processes take turns at the row, so that each sees what the one before it left.
    private func lease(
        _ key: UUIDv7, _ perMinute: Int, _ order: LeasedTokens.Order
    ) async throws(DatabaseError) -> LeasedTokens.Lease {
        let now = now()
        return try await database.write(
            holding: [TransactionLock("rate/\(key)")], durability: .relaxed
        ) { connection throws(DatabaseError) in
            let row = try connection.queryOne(
                "SELECT level, updated_at FROM rate_limit_buckets WHERE key_id = \(key)")
            var bucket = TokenBucket(perMinute: perMinute, at: now)
            var moment = now
            if let row {
                let updatedAt = try row.decode("updated_at", as: Int64.self)
                bucket = TokenBucket(
                    perMinute: perMinute, level: try row.decode("level", as: Int64.self), updatedAt: updatedAt)
                // A time a little ahead is another process's clock: the bucket goes on from there. One far ahead is a
                // clock that was set back.
                if (0...Self.clockSkewMillisecondsMax).contains(updatedAt - now) { moment = updatedAt }
            }
            bucket.giveBack(order.returned, at: moment)
            let granted = bucket.take(upTo: order.wanted, at: moment)
            try connection.execute(
                """
                INSERT INTO rate_limit_buckets (key_id, level, updated_at)
                VALUES (\(key), \(bucket.level), \(bucket.updatedAt))
                ON CONFLICT (key_id) DO UPDATE SET level = excluded.level, updated_at = excluded.updated_at
                """)
            return LeasedTokens.Lease(granted: granted, bucket: bucket)
        }
    }
}
