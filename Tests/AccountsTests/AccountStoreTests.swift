import Database
import Testing

@testable import Accounts

struct AccountStoreTests {
    @Test func `a user is made once, whatever the case of the address`() async throws {
        try await withInstallation { installation in
            let made = try await installation.store.findOrCreateUser(email: "Alice@Example.com")
            installation.clock.advance(by: 5)
            let found = try await installation.store.findOrCreateUser(email: "aLICE@eXAMPLE.COM")
            #expect(made == found)
            #expect(made.email == "alice@example.com")
            let looked = try await installation.store.user(email: "ALICE@example.com")
            #expect(looked == made)
            let unknown = try await installation.store.user(email: "bob@example.com")
            #expect(unknown == nil)
        }
    }

    @Test func `SQL in an address and a name is just text`() async throws {
        try await withInstallation { installation in
            let email = "'||(select/**/1))--@x');drop/**/table/**/users;--"
            let user = try await installation.store.findOrCreateUser(email: email)
            #expect(user.email == email)
            let name = "\"; DELETE FROM api_keys; --"
            let key = try await installation.store.createKey(forUser: user.id, name: name)
            #expect(key.record.name == name)
            await #expect(throws: AccountsError(.keyNotFound, "")) {
                try await installation.store.revokeKey("' OR '1'='1")
            }
        }
    }

    @Test func `a key's record says everything but the secret`() async throws {
        try await withInstallation { installation in
            let user = try await installation.store.findOrCreateUser(email: "a@b")
            let expiresAt = installation.clock.now + 60_000
            let scopes = ScopeSet(.otlpWrite)
            let made = try await installation.store.createKey(
                forUser: user.id, name: "collector", scopes: scopes, expiresAt: expiresAt)
            #expect(made.record.userID == user.id)
            #expect(made.record.userEmail == "a@b")
            #expect(made.record.name == "collector")
            #expect(made.record.prefix == made.key.prefix)
            #expect(made.record.scopes == scopes)
            #expect(made.record.createdAt == installation.clock.now)
            #expect(made.record.expiresAt == expiresAt)
            #expect(made.record.revokedAt == nil)
            let listed = try await installation.store.keys()
            #expect(listed == [made.record])
        }
    }

    @Test func `the database holds no key, only its hash`() async throws {
        try await withInstallation { installation in
            let made = try await installation.makeKey()
            let rows = try await installation.database.query("SELECT * FROM api_keys")
            #expect(rows.count == 1)
            #expect(!"\(rows)".contains(made.key.secretText))
            #expect(try rows[0].decode("key_hash", as: [UInt8].self).count == 32)
        }
    }

    @Test func `keys are listed oldest first, by owner and by page`() async throws {
        try await withInstallation { installation in
            let store = installation.store
            var records: [APIKeyRecord] = []
            for number in 0..<6 {
                installation.clock.advance(by: 1)
                records.append(try await installation.makeKey(email: "\(number % 2)@b").record)
            }
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

    @Test func `a key is revoked by id or by prefix, once and for good`() async throws {
        try await withInstallation { installation in
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

    @Test func `a prefix of several active keys revokes none of them`() async throws {
        try await withInstallation { installation in
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

    @Test func `wrong arguments are refused`() async throws {
        try await withInstallation { installation in
            let store = installation.store
            let user = try await store.findOrCreateUser(email: "a@b")
            let stranger = try #require(UserID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"))
            await #expect(throws: AccountsError(.userNotFound, "")) {
                try await store.createKey(forUser: stranger, name: "")
            }
            await #expect(throws: AccountsError(.invalidName, "")) {
                try await store.createKey(forUser: user.id, name: "a\0b")
            }
            await #expect(throws: AccountsError(.invalidName, "")) {
                try await store.createKey(forUser: user.id, name: String(repeating: "a", count: 257))
            }
            await #expect(throws: AccountsError(.invalidExpiry, "")) {
                try await store.createKey(forUser: user.id, name: "", expiresAt: installation.clock.now)
            }
            await #expect(throws: AccountsError(.keyNotFound, "")) { try await store.revokeKey("") }
            await #expect(throws: AccountsError(.invalidEmail, "")) { try await store.findOrCreateUser(email: "a") }
            let keys = try await store.keys()
            #expect(keys.isEmpty)
        }
    }
}
