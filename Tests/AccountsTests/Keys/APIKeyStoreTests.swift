import Database
import TestSupport
import Testing

@testable import Accounts

struct APIKeyStoreTests {
    @Test(arguments: TestEngine.allCases)
    func `a key's record says everything but the secret`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let user = try await installation.store.findOrCreateUser(email: "a@b")
            let expiresAt = installation.clock.now + 60_000
            let scopes = ScopeSet(.otlpWrite)
            let made = try await installation.store.createKey(
                forUser: user.id, name: "collector", scopes: scopes, rateLimitPerMinute: 600,
                monthlyBudgetCents: 2500, expiresAt: expiresAt)
            #expect(made.record.userID == user.id)
            #expect(made.record.userEmail == "a@b")
            #expect(made.record.name == "collector")
            #expect(made.record.prefix == made.key.prefix)
            #expect(made.record.scopes == scopes)
            #expect(made.record.rateLimitPerMinute == 600)
            #expect(made.record.monthlyBudgetCents == 2500)
            #expect(made.record.createdAt == installation.clock.now)
            #expect(made.record.expiresAt == expiresAt)
            #expect(made.record.lastUsedAt == nil)
            #expect(made.record.revokedAt == nil)
            let listed = try await installation.store.keys()
            #expect(listed == [made.record])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `SQL in a name is just text`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let user = try await installation.store.findOrCreateUser(email: "a@b")
            let name = "\"; DELETE FROM api_keys; --"
            let key = try await installation.store.createKey(forUser: user.id, name: name)
            #expect(key.record.name == name)
            await #expect(throws: AccountsError(.keyNotFound, "")) {
                try await installation.store.revokeKey("' OR '1'='1")
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `the database holds no key, only its hash`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let made = try await installation.makeKey()
            let rows = try await installation.database.query("SELECT * FROM api_keys")
            #expect(rows.count == 1)
            #expect(!"\(rows)".contains(made.key.secretText))
            #expect(try rows[0].decode("key_hash", as: [UInt8].self).count == 32)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `limits are taken from the least to the greatest`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let user = try await installation.store.findOrCreateUser(email: "a@b")
            for (rate, budget) in [(1, 0), (1_000_000, 1_000_000_000_000)] as [(Int, Int64)] {
                let made = try await installation.store.createKey(
                    forUser: user.id, name: "", rateLimitPerMinute: rate, monthlyBudgetCents: budget)
                #expect(made.record.rateLimitPerMinute == rate)
                #expect(made.record.monthlyBudgetCents == budget)
            }
            for rate in [0, -1, 1_000_001, .max, .min] {
                await #expect(throws: AccountsError(.invalidRateLimit, "")) {
                    try await installation.store.createKey(forUser: user.id, name: "", rateLimitPerMinute: rate)
                }
            }
            for budget: Int64 in [-1, 1_000_000_000_001, .max, .min] {
                await #expect(throws: AccountsError(.invalidBudget, "")) {
                    try await installation.store.createKey(forUser: user.id, name: "", monthlyBudgetCents: budget)
                }
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `everyone's keys are listed oldest first, by owner and by page`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let store = installation.store
            let records = try await makeKeys(6, installation)
            let all = try await store.keys()
            #expect(all == records)
            let mine = try await store.keys(ofUser: records[1].userID)
            #expect(mine == [records[1], records[3], records[5]])
            let page = try await store.keys(after: records[1].id, limit: 2)
            #expect(page == [records[2], records[3]])
            let rest = try await store.keys(ofUser: records[0].userID, after: records[4].id)
            #expect(rest.isEmpty)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a user's keys are listed newest first, by page, deleted ones too`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let store = installation.store
            let records = try await makeKeys(6, installation)
            let user = records[1].userID
            try await store.deleteKey(records[3].id, ofUser: user)
            let first = try await store.keys(ofUser: user, before: nil, limit: 2)
            #expect(first.map(\.id) == [records[5].id, records[3].id])
            #expect(first.map { $0.isActive(at: installation.clock.now) } == [true, false])
            let second = try await store.keys(ofUser: user, before: records[3].id, limit: 2)
            #expect(second == [records[1]])
            let end = try await store.keys(ofUser: user, before: records[1].id, limit: 2)
            #expect(end.isEmpty)
        }
    }

    /// Keys of two users in turn, a millisecond apart.
    private func makeKeys(_ count: Int, _ installation: Installation) async throws -> [APIKeyRecord] {
        var records: [APIKeyRecord] = []
        for number in 0..<count {
            installation.clock.advance(by: 1)
            records.append(try await installation.makeKey(email: "\(number % 2)@b").record)
        }
        return records
    }

    @Test(arguments: TestEngine.allCases)
    func `a user deletes a key of their own, once`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let store = installation.store
            let key = try await installation.makeKey().record
            let stranger = try await store.findOrCreateUser(email: "stranger@b")
            await #expect(throws: AccountsError(.keyNotFound, "")) {
                try await store.deleteKey(key.id, ofUser: stranger.id)
            }
            let kept = try await store.keys()
            #expect(kept == [key])
            installation.clock.advance(by: 5)
            try await store.deleteKey(key.id, ofUser: key.userID)
            let deletedAt = installation.clock.now
            installation.clock.advance(by: 5)
            await #expect(throws: AccountsError(.keyNotFound, "")) {
                try await store.deleteKey(key.id, ofUser: key.userID)
            }
            await #expect(throws: AccountsError(.keyNotFound, "")) {
                try await store.deleteKey(stranger.id.uuid, ofUser: key.userID)
            }
            let deleted = try await store.keys()
            #expect(deleted.map(\.revokedAt) == [deletedAt])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a key is revoked by id or by prefix, once and for good`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            for reference in [\APIKeyRecord.id.description, \APIKeyRecord.prefix] {
                let record = try await installation.makeKey().record
                let revoked = try await installation.store.revokeKey(record[keyPath: reference])
                #expect(revoked.id == record.id)
                #expect(revoked.revokedAt == installation.clock.now)
                #expect(!revoked.isActive(at: installation.clock.now))
                installation.clock.advance(by: 1000)
                let again = try await installation.store.revokeKey(record[keyPath: reference])
                #expect(again == revoked)
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a prefix of several active keys revokes none of them`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let records = [try await installation.makeKey().record, try await installation.makeKey().record]
            try await installation.database.execute("UPDATE api_keys SET key_prefix = 'batchin_api_same'")
            await #expect(throws: AccountsError(.ambiguousKey, "")) {
                try await installation.store.revokeKey("batchin_api_same")
            }
            let kept = try await installation.store.keys().filter { $0.revokedAt == nil }
            #expect(kept.map(\.id) == records.map(\.id).sorted())
            _ = try await installation.store.revokeKey(records[0].id.description)
            let other = try await installation.store.revokeKey("batchin_api_same")
            #expect(other.id == records[1].id)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `wrong arguments are refused`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let store = installation.store
            let user = try await store.findOrCreateUser(email: "a@b")
            let stranger = try #require(UserID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"))
            await #expect(throws: AccountsError(.userNotFound, "")) {
                try await store.createKey(forUser: stranger, name: "")
            }
            for name in ["a\0b", "a\nb", String(repeating: "a", count: 257), String(repeating: "é", count: 129)] {
                await #expect(throws: AccountsError(.invalidName, "")) {
                    try await store.createKey(forUser: user.id, name: name)
                }
            }
            await #expect(throws: AccountsError(.invalidExpiry, "")) {
                try await store.createKey(forUser: user.id, name: "", expiresAt: installation.clock.now)
            }
            await #expect(throws: AccountsError(.keyNotFound, "")) { try await store.revokeKey("") }
            let keys = try await store.keys()
            #expect(keys.isEmpty)
        }
    }
}
