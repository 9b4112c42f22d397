import TestSupport
import Testing

@testable import Database

@Suite(.timeLimit(.minutes(5)))
struct ChangeTopicTests {
    private static let topic = ChangeTopic(3)
    private static let otherTopic = ChangeTopic(4)

    /// The token once it has come to rest: a moment after opening no two are equal.
    private func restingToken(_ database: Database) async throws -> ChangeToken {
        try await Blocking.until {
            database.changeToken(for: Self.topic) == database.changeToken(for: Self.topic)
        }
        return database.changeToken(for: Self.topic)
    }

    private func announce(_ topic: ChangeTopic, through database: Database) async throws {
        try await database.write { connection throws(DatabaseError) in try connection.announce(topic) }
    }

    /// Waits until the second database has heard of everything that the first has announced so far.
    private func catchUp(_ writer: Database, _ reader: Database) async throws {
        let token = reader.changeToken(for: Self.otherTopic)
        try await announce(Self.otherTopic, through: writer)
        try await Blocking.until { reader.changeToken(for: Self.otherTopic) != token }
    }

    @Test(arguments: TestEngine.allCases)
    func `an announcement changes the token in the same process at once`(engine: TestEngine) async throws {
        try await withDatabase(engine, migrations: []) { database in
            for _ in 0..<20 {
                let token = try await restingToken(database)
                try await announce(Self.topic, through: database)
                #expect(database.changeToken(for: Self.topic) != token)
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `an announcement changes the token in the other process`(engine: TestEngine) async throws {
        try await withTwoDatabases(engine, migrations: []) { one, other in
            for (writer, reader) in [(one, other), (other, one)] {
                let token = try await restingToken(reader)
                try await announce(Self.topic, through: writer)
                try await Blocking.until { reader.changeToken(for: Self.topic) != token }
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `reads, silent writes and other topics leave the token as it is`(engine: TestEngine) async throws {
        try await withTwoDatabases(engine, migrations: [.stub()]) { one, other in
            let tokens = [try await restingToken(one), try await restingToken(other)]
            _ = try await one.query("SELECT id FROM items")
            try await one.execute("INSERT INTO items (id) VALUES (1)")
            try await catchUp(one, other)
            #expect(one.changeToken(for: Self.topic) == tokens[0])
            #expect(other.changeToken(for: Self.topic) == tokens[1])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `what was rolled back was never announced`(engine: TestEngine) async throws {
        try await withTwoDatabases(engine, migrations: []) { one, other in
            let tokens = [try await restingToken(one), try await restingToken(other)]
            await #expect(throws: DatabaseError(.invalidRow, "")) {
                try await one.write { connection throws(DatabaseError) in
                    try connection.announce(Self.topic)
                    throw DatabaseError(.invalidRow, "stop")
                }
            }
            try await catchUp(one, other)
            #expect(one.changeToken(for: Self.topic) == tokens[0])
            #expect(other.changeToken(for: Self.topic) == tokens[1])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `several topics of one transaction are all announced`(engine: TestEngine) async throws {
        try await withTwoDatabases(engine, migrations: []) { one, other in
            let token = try await restingToken(other)
            let otherToken = other.changeToken(for: Self.otherTopic)
            try await one.write { connection throws(DatabaseError) in
                try connection.announce(Self.topic)
                try connection.announce(Self.otherTopic)
            }
            try await Blocking.until {
                other.changeToken(for: Self.topic) != token && other.changeToken(for: Self.otherTopic) != otherToken
            }
        }
    }
}
