import Database

extension Ledger {
    private static let creditCentsMax: Int64 = 10_000_000_000
    private static let textByteCountMax = 500

    /// Credits a user, or takes credit back if `cents` is negative, also more than is left. Every process's next
    /// reservation counts with it.
    ///
    /// The same reference of the same source is credited once; when it comes again, nothing changes.
    ///
    /// - Parameters:
    ///   - cents: Not zero, at most 10¹⁰ either way.
    ///   - reference: What `source` knows the payment by.
    ///   - reason: For people; at most 500 bytes, as `reference`.
    /// - Returns: The balance as it is now.
    /// - Throws: `userNotFound`, `invalidAmount`, `invalidReason`; `conflictingReference` if the reference was credited
    ///   with another amount or to another user.
    package func credit(
        _ userID: UserID, cents: Int64, source: CreditSource, reference: String, reason: String
    ) async throws(AccountsError) -> Balance {
        guard cents != 0, (-Self.creditCentsMax...Self.creditCentsMax).contains(cents) else {
            throw AccountsError(.invalidAmount, "a credit is at most \(Self.creditCentsMax) cents, and not zero")
        }
        try Self.check(reason, "reason")
        try Self.check(reference, "reference")
        let amount = try NanoDollars(cents: cents)
        let entry = LedgerEntry(
            counterAccount: source.rawValue, reference: reference, reason: reason, createdAt: now())
        let outcome = try await write(accountOf: userID) { connection throws(DatabaseError) in
            try Self.credit(userID, amount, entry, connection)
        }
        return Balance(try outcome.get())
    }

    private static func credit(
        _ userID: UserID, _ amount: NanoDollars, _ entry: LedgerEntry, _ connection: Connection
    ) throws(DatabaseError) -> Result<LedgerAccount, AccountsError> {
        guard try connection.queryOne("SELECT id FROM users WHERE id = \(userID)") != nil else {
            return .failure(AccountsError(.userNotFound, "there is no such user"))
        }
        let before = try LedgerAccount.read(userID, connection)
        let earlier = try connection.queryOne(
            """
            SELECT user_id, amount_nano FROM ledger_entries
            WHERE counter_account = \(entry.counterAccount) AND reference = \(entry.reference)
            """)
        if let earlier {
            let earlierUser = try earlier.decode("user_id", as: UserID.self)
            let earlierAmount = try earlier.decode("amount_nano", as: NanoDollars.self)
            return earlierUser == userID && earlierAmount == amount
                ? .success(before)
                : .failure(AccountsError(.conflictingReference, "this reference was credited otherwise already"))
        }
        let after: LedgerAccount
        do throws(AccountsError) {
            after = try before.credited(amount)
        } catch {
            return .failure(error)
        }
        try entry.store(for: userID, from: before, to: after, connection)
        try connection.announce(.credit)
        return .success(after)
    }

    private static func check(_ text: String, _ name: String) throws(AccountsError) {
        guard (1...textByteCountMax).contains(text.utf8.count), !text.hasControlCharacters else {
            throw AccountsError(
                .invalidReason, "a \(name) has 1 to \(textByteCountMax) bytes and no control characters")
        }
    }
}
