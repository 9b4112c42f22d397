import TestSupport
import Testing

@testable import Database

@Suite(.timeLimit(.minutes(5)))
struct PostgresListenerTests {
    private let topic = ChangeTopic(5)

    private func rest(_ database: Database) async throws -> ChangeToken {
        try await Blocking.until { database.changeToken(for: topic) == database.changeToken(for: topic) }
        return database.changeToken(for: topic)
    }

    @Test func `a listener whose connection broke takes all for changed and hears again`() async throws {
        try await withTwoDatabases(.postgres, migrations: []) { database, observer in
            let token = try await rest(database)
            _ = try await observer.query(terminationOfOthers)
            try await Blocking.until { database.changeToken(for: topic) != token }
            let later = try await rest(database)
            #expect(later != token)

            try await observer.write { connection throws(DatabaseError) in try connection.announce(topic) }
            try await Blocking.until { database.changeToken(for: topic) != later }
        }
    }

    @Test func `what other programs say on the channel is ignored`() async throws {
        try await withTwoDatabases(.postgres, migrations: []) { database, observer in
            let token = try await rest(database)
            for payload in ["", "x", "-1", "16", "99999999999999999999"] {
                _ = try await observer.query("SELECT pg_notify('batchin_changes', \(payload))")
            }
            let fence = ChangeTopic(6)
            let fenceToken = database.changeToken(for: fence)
            try await observer.write { connection throws(DatabaseError) in try connection.announce(fence) }
            try await Blocking.until { database.changeToken(for: fence) != fenceToken }
            #expect(database.changeToken(for: topic) == token)
        }
    }

    @Test func `a later transaction on the connection does not announce what was rolled back`() async throws {
        try await withTestDatabase(.postgres) { test in
            let database = try await test.open(limits: .init(threadCountMax: 1), migrations: [])
            let token = try await rest(database)
            await #expect(throws: DatabaseError(.invalidRow, "")) {
                try await database.write { connection throws(DatabaseError) in
                    try connection.announce(topic)
                    throw DatabaseError(.invalidRow, "stop")
                }
            }
            try await database.write { connection throws(DatabaseError) in try connection.announce(ChangeTopic(6)) }
            #expect(database.changeToken(for: topic) == token)
        }
    }

    @Test func `while nobody listens no token equals another`() {
        let changes = ChangeCounters()
        #expect(changes.token(for: topic) != changes.token(for: topic))
        changes.beginListening()
        let token = changes.token(for: topic)
        #expect(changes.token(for: topic) == token)
        changes.endListening()
        #expect(changes.token(for: topic) != changes.token(for: topic))
        #expect(changes.token(for: topic) != token)
        changes.beginListening()
        #expect(changes.token(for: topic) != token)
    }
}
