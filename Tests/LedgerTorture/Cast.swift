import Accounts
import Database
import TestSupport

/// Who spends: the same users and keys in every process.
struct Cast: Sendable {
    struct Member: Sendable {
        let userID: UserID
        /// Runs cost no more than was reserved, and no credit is taken back, so nothing may ever be overspent.
        let isStrict: Bool
        let principals: [Principal]
    }

    let members: [Member]

    private static let userCount = 6
    private static let strictUserCount = 4
    private static let budgetsCents: [Int64?] = [nil, 50, 5000]
    private static let initialCents: Int64 = 200

    init() {
        var generator = SeededGenerator(seed: 0)
        members = (0..<Self.userCount).map { index in
            let userID = UserID(UUIDv7(milliseconds: 0, using: &generator))
            let keys = Self.budgetsCents.map { budget in
                Principal(
                    userID: userID, credential: .key(UUIDv7(milliseconds: 0, using: &generator)), scopes: .all,
                    monthlyBudgetCents: budget)
            }
            let session = Principal(userID: userID, credential: .session, scopes: .all)
            return Member(userID: userID, isStrict: index < Self.strictUserCount, principals: [session] + keys)
        }
    }

    /// Makes the users, once, with some credit.
    func enter(_ database: Database, _ ledger: Ledger) async throws {
        for member in members {
            let id = member.userID
            try await database.execute(
                """
                INSERT INTO users (id, email, name, created_at) VALUES (\(id), \(id.description), '', 0)
                ON CONFLICT DO NOTHING
                """)
            _ = try await ledger.credit(
                id, cents: Self.initialCents, source: .operator, reference: "initial \(id)", reason: "torture")
        }
    }
}
