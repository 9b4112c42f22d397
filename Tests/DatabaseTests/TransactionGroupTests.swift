import Dispatch
import TestSupport
import Testing

@testable import Database

@Suite(.timeLimit(.minutes(5)))
struct TransactionGroupTests {
    private static let log = TransactionGroup(TransactionLock("log"))

    /// Adds a row with the next number to the table, as nobody could who is not alone with it.
    private static func append(_ connection: Connection, name: String? = nil) throws(DatabaseError) -> Int {
        let row = try connection.queryOne("SELECT MAX(id) AS last FROM items")
        let id = (try row?.decode("last", as: Int?.self) ?? 0) + 1
        try connection.execute("INSERT INTO items (id, name) VALUES (\(id), \(name))")
        return id
    }

    private func ids(_ database: Database) async throws -> [Int] {
        try await database.query("SELECT id FROM items ORDER BY id").map { try $0.decode("id", as: Int.self) }
    }

    @Test(arguments: TestEngine.allCases)
    func `two processes number the rows of a group without a gap`(engine: TestEngine) async throws {
        try await withTwoDatabases(engine, migrations: [.stub()]) { one, other in
            let numbers = try await withThrowingTaskGroup(of: [Int].self) { tasks in
                for index in 0..<128 {
                    let database = index.isMultiple(of: 2) ? one : other
                    let account = TransactionLock("account \(index % 8)")
                    tasks.addTask {
                        var numbers: [Int] = []
                        for _ in 0..<20 {
                            let number = try await database.write(holding: [account], inGroup: Self.log) {
                                connection throws(DatabaseError) in try Self.append(connection)
                            }
                            numbers.append(number)
                        }
                        return numbers
                    }
                }
                return try await tasks.reduce(into: [Int]()) { all, numbers in
                    #expect(numbers == numbers.sorted())
                    all += numbers
                }
            }
            #expect(numbers.sorted() == Array(1...2560))
            #expect(try await ids(one) == Array(1...2560))
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `writes that throw leave no trace and no gap`(engine: TestEngine) async throws {
        try await withDatabase(engine, migrations: [.stub()]) { database in
            let numbers = try await withThrowingTaskGroup(of: Int?.self) { tasks in
                for index in 0..<200 {
                    tasks.addTask {
                        do throws(DatabaseError) {
                            return try await database.write(inGroup: Self.log) { connection throws(DatabaseError) in
                                let number = try Self.append(connection, name: "\(index)")
                                if index % 10 == 3 { throw DatabaseError(.invalidRow, "stop") }
                                // Ten times a name that is taken.
                                if index % 20 == 7 {
                                    try connection.execute("UPDATE items SET name = 'same' WHERE id = \(number)")
                                }
                                return number
                            }
                        } catch let error where error.code == (index % 10 == 3 ? .invalidRow : .uniqueViolation) {
                            return nil
                        }
                    }
                }
                return try await tasks.reduce(into: [Int]()) { if let number = $1 { $0.append(number) } }
            }
            #expect(numbers.sorted() == Array(1...171))
            #expect(try await ids(database) == Array(1...171))
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `what any of them announces is heard by both processes`(engine: TestEngine) async throws {
        try await withTwoDatabases(engine, migrations: [.stub()]) { one, other in
            let topics = (0..<8).map { ChangeTopic($0) }
            for database in [one, other] {
                try await Blocking.until {
                    database.changeToken(for: topics[0]) == database.changeToken(for: topics[0])
                }
            }
            let before = topics.map { (one.changeToken(for: $0), other.changeToken(for: $0)) }
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for (topic, tokens) in zip(topics, before) {
                    tasks.addTask {
                        try await one.write(inGroup: Self.log) { connection throws(DatabaseError) in
                            try connection.announce(topic)
                        }
                        #expect(one.changeToken(for: topic) != tokens.0)
                        try await Blocking.until { other.changeToken(for: topic) != tokens.1 }
                    }
                }
                try await tasks.waitForAll()
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a write whose task is cancelled is done all the same`(engine: TestEngine) async throws {
        try await withDatabase(engine, migrations: [.stub()]) { database in
            let gate = DispatchSemaphore(value: 0)
            let tasks = (0..<50).map { _ in
                Task {
                    try await database.write(inGroup: Self.log) { connection throws(DatabaseError) in
                        gate.wait()
                        gate.signal()
                        return try Self.append(connection)
                    }
                }
            }
            for task in tasks { task.cancel() }
            gate.signal()
            var numbers: [Int] = []
            for task in tasks { numbers.append(try await task.value) }
            #expect(numbers.sorted() == Array(1...50))
            #expect(try await ids(database) == Array(1...50))
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `writes outside the group that hold the same locks take turns with it`(engine: TestEngine) async throws {
        try await withTwoDatabases(engine, migrations: [.stub()]) { one, other in
            try await one.execute("INSERT INTO items (id, size) VALUES (-1, 1), (-2, 1), (-3, 1)")
            let locks = (1...3).map { TransactionLock("account \($0)") }
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for index in 0..<120 {
                    let database = index.isMultiple(of: 2) ? one : other
                    let accounts = index % 3 == 0 ? [0, 1, 2] : [index % 3, (index + 1) % 3]
                    let group = index % 4 < 2 ? Self.log : nil
                    tasks.addTask {
                        try await database.write(holding: accounts.map { locks[$0] }, inGroup: group) {
                            connection throws(DatabaseError) in
                            for account in accounts {
                                let id = -1 - account
                                let row = try connection.queryOne("SELECT size FROM items WHERE id = \(id)")
                                let size = try row?.decode("size", as: Int.self) ?? 0
                                try connection.execute("UPDATE items SET size = \(size + 1) WHERE id = \(id)")
                            }
                            if group != nil { _ = try Self.append(connection) }
                        }
                    }
                }
                try await tasks.waitForAll()
            }
            let sum = try await one.queryOne("SELECT CAST(SUM(size) AS BIGINT) AS sum FROM items WHERE id < 0")
            #expect(try sum?.decode("sum", as: Int.self) == 3 + 40 * 3 + 80 * 2)
            #expect(try await one.query("SELECT id FROM items WHERE id > -1").count == 60)
        }
    }
}
