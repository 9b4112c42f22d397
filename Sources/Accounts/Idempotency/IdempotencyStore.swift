package import Database

/// Makes a request that has an `Idempotency-Key` happen once, however often it is sent.
///
/// The first answer is given again for a day. A key belongs to one user and one path. Of attempts that meet, also in
/// several processes, one proceeds. An attempt whose process died holds the key until its lease ends; on SQLite, where
/// one process serves, it is free as soon as another process has started. There is one value, and copies of it, to a
/// process and database. Every call can fail with the code `database`.
package struct IdempotencyStore: Sendable {
    let database: Database
    private let hasher: KeyedHasher
    private let cipher: AnswerCipher
    let now: @Sendable () -> Int64
    private let repetition = TransactionRepetition()
    /// Names this process, by chance, among all that use the database.
    private let owner = String(UInt64.random(in: .min ... .max), radix: 16)

    /// Longer answers are not kept.
    package static let answerBytesMax = 1_048_576
    /// Longer than any call lasts.
    static let leaseMilliseconds: Int64 = 600_000
    static let retentionMilliseconds: Int64 = 86_400_000

    /// - Parameters:
    ///   - database: Opened with `AccountStore.migrations`.
    ///   - now: The wall clock, in milliseconds since 1970-01-01 00:00 UTC.
    package init(
        database: Database, masterKey: MasterKey, now: @escaping @Sendable () -> Int64 = { UnixTime.now() }
    ) {
        self.database = database
        self.now = now
        hasher = KeyedHasher(masterKey: masterKey, purpose: "idempotency keys")
        cipher = AnswerCipher(masterKey: masterKey)
    }

    /// Says what is to be done with a request, and takes its key if the request is to be served.
    ///
    /// - Parameters:
    ///   - key: 1 to 255 printable characters of ASCII.
    ///   - bodyHash: By which bodies are told apart.
    /// - Throws: `invalidIdempotencyKey`; `database` also if the stored answer was tampered with.
    package func begin(
        key: String, path: String, bodyHash: [UInt8], for userID: UserID
    ) async throws(AccountsError) -> IdempotencyVerdict {
        try Self.check(key)
        let now = now()
        let ticket = IdempotencyTicket(
            id: UUIDv7(milliseconds: now), userID: userID, path: path,
            // A key has no line feed, so the last one ends the path.
            keyHash: hasher.hash("\(userID)\n\(path)\n\(key)"), bodyHash: hasher.hash(bodyHash))
        // What was taken and is lost with the server's last moments is as good as abandoned.
        let state = try await write(ticket, durability: .relaxed) { connection throws(DatabaseError) in
            try take(ticket, now, connection)
        }
        return try verdict(on: ticket, state)
    }

    /// What completes a request, for the transaction that stores its run.
    ///
    /// - Parameter answer: Nil if it can't be given again, because it is a stream; one that is too long is not kept
    ///   either.
    package func completion(
        of ticket: IdempotencyTicket, runID: String, answer: StoredAnswer?
    ) -> TransactionPart {
        let expiresAt = now() + Self.retentionMilliseconds
        let kept = answer.flatMap { $0.body.count <= Self.answerBytesMax ? $0 : nil }
        let sealed = kept.flatMap { cipher.seal($0, of: ticket, runID: runID) }
        return { [owner] connection throws(DatabaseError) in
            // The row is gone if the lease has ended, and another attempt's if that began since.
            try connection.execute(
                """
                INSERT INTO idempotent_requests (key_hash, body_hash, ticket, owner, run_id, expires_at, answer)
                VALUES (\(ticket.keyHash), \(ticket.bodyHash), \(ticket.id), \(owner), \(runID), \(expiresAt), \(sealed))
                ON CONFLICT (key_hash) DO UPDATE SET
                    run_id = excluded.run_id, expires_at = excluded.expires_at, answer = excluded.answer
                WHERE idempotent_requests.ticket = excluded.ticket
                """)
        }
    }

    /// Gives the key back, because the request failed before it spent anything.
    package func abandon(_ ticket: IdempotencyTicket) async {
        // Where this fails, the key is free when the lease ends.
        _ = try? await write(ticket, durability: .relaxed) { connection throws(DatabaseError) in
            try connection.execute(
                """
                DELETE FROM idempotent_requests
                WHERE key_hash = \(ticket.keyHash) AND ticket = \(ticket.id) AND run_id IS NULL
                """)
        }
    }
}

extension IdempotencyStore {
    /// What is known of a request.
    enum State: Sendable {
        case taken
        case underWay(bodyHash: [UInt8])
        case answered(bodyHash: [UInt8], attempt: UUIDv7, runID: String, answer: [UInt8]?)
    }

    /// Takes the key if it is free.
    func take(
        _ ticket: IdempotencyTicket, _ now: Int64, _ connection: Connection
    ) throws(DatabaseError) -> State {
        let leaseEnd = now + Self.leaseMilliseconds
        guard
            let row = try connection.queryOne(
                """
                SELECT body_hash, ticket, owner, run_id, expires_at, answer FROM idempotent_requests
                WHERE key_hash = \(ticket.keyHash)
                """)
        else {
            try connection.execute(
                """
                INSERT INTO idempotent_requests (key_hash, body_hash, ticket, owner, expires_at)
                VALUES (\(ticket.keyHash), \(ticket.bodyHash), \(ticket.id), \(owner), \(leaseEnd))
                """)
            return .taken
        }
        let earlier = try row.decode("ticket", as: UUIDv7.self)
        let bodyHash = try row.decode("body_hash", as: [UInt8].self)
        let runID = try row.decode("run_id", as: String?.self)
        let expiresAt = try row.decode("expires_at", as: Int64.self)
        // The transaction is run again when nobody knows whether it was committed.
        if earlier == ticket.id { return .taken }
        let holder = try row.decode("owner", as: String.self)
        let isLeft = !database.isShared && runID == nil && holder != owner
        guard expiresAt <= now || isLeft else {
            guard let runID else { return .underWay(bodyHash: bodyHash) }
            let answer = try row.decode("answer", as: [UInt8]?.self)
            return .answered(bodyHash: bodyHash, attempt: earlier, runID: runID, answer: answer)
        }
        // An attempt that is completed late, at this moment, keeps the key.
        let count = try connection.execute(
            """
            UPDATE idempotent_requests SET
                body_hash = \(ticket.bodyHash), ticket = \(ticket.id), owner = \(owner), run_id = NULL,
                expires_at = \(leaseEnd), answer = NULL
            WHERE key_hash = \(ticket.keyHash) AND ticket = \(earlier) AND expires_at = \(expiresAt)
            """)
        return count == 1 ? .taken : .underWay(bodyHash: bodyHash)
    }

    private func verdict(on ticket: IdempotencyTicket, _ state: State) throws(AccountsError) -> IdempotencyVerdict {
        switch state {
        case .taken:
            return .proceed(ticket)
        case .underWay(let bodyHash):
            return bodyHash == ticket.bodyHash.bytes ? .isRunning : .otherBody
        case .answered(let bodyHash, _, _, _) where bodyHash != ticket.bodyHash.bytes:
            return .otherBody
        case .answered(_, _, let runID, nil):
            return .notKept(runID: runID)
        case .answered(_, let attempt, let runID, let sealed?):
            let answered = IdempotencyTicket(
                id: attempt, userID: ticket.userID, path: ticket.path, keyHash: ticket.keyHash,
                bodyHash: ticket.bodyHash)
            guard let answer = cipher.open(sealed, of: answered, runID: runID) else {
                throw AccountsError(DatabaseError(.corrupt, "a stored answer is damaged"))
            }
            return .replay(answer)
        }
    }

    private static func check(_ key: String) throws(AccountsError) {
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw AccountsError(.invalidIdempotencyKey, "an idempotency key has 1 to 255 printable ASCII characters")
        }
    }

    /// Runs a transaction that is alone with a request's key.
    private func write<Value: Sendable>(
        _ ticket: IdempotencyTicket, durability: Durability,
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(AccountsError) -> Value {
        do {
            return try await repetition.run { [database] () async throws(DatabaseError) in
                try await database.write(holding: [.request(ticket.keyHash)], durability: durability, body)
            }
        } catch {
            throw AccountsError(error)
        }
    }
}

extension TransactionLock {
    /// Held by whoever takes or gives back an idempotency key.
    fileprivate static func request(_ keyHash: KeyedHash) -> TransactionLock {
        TransactionLock("request/\(keyHash.bytes)")
    }
}
